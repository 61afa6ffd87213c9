#include "troupe_client/detail/names.hpp"

#include <algorithm>
#include <cstddef>

namespace troupe_client::detail {

namespace {

constexpr std::size_t bytes_max = 128;

constexpr std::string_view allowed =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-:@/";

// Takes the first part off; what is left begins behind the dot.
std::string_view take_part(std::string_view& rest) {
  const auto dot = rest.find('.');
  const auto part = rest.substr(0, dot);
  rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
  return part;
}

bool plain(std::string_view part) {
  return !part.empty() && part.find_first_not_of(allowed) == std::string_view::npos;
}

template <class Good>
bool all_parts(std::string_view name, Good good) {
  if (name.empty() || name.size() > bytes_max || name.back() == '.')
    return false;
  while (!name.empty()) {
    const auto part = take_part(name);
    if (!good(part, name.empty()))
      return false;
  }
  return true;
}

} // namespace

bool valid_name(std::string_view name) {
  return all_parts(name, [](std::string_view part, bool) { return plain(part); });
}

bool is_pattern(std::string_view name) {
  return name.find_first_of("*>") != std::string_view::npos;
}

bool valid_pattern(std::string_view pattern) {
  return all_parts(pattern, [](std::string_view part, bool last) {
    return part == "*" || (part == ">" && last) || plain(part);
  });
}

bool matches(std::string_view pattern, std::string_view name) {
  while (!pattern.empty() && !name.empty()) {
    const auto wanted = take_part(pattern);
    if (wanted == ">")
      return true;
    const auto part = take_part(name);
    if (wanted != "*" && wanted != part)
      return false;
  }
  return pattern.empty() && name.empty();
}

} // namespace troupe_client::detail
