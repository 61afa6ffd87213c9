#include "troupe/inbox.hpp"

#include "troupe/name_pattern.hpp"
#include "troupe/wire/name_part.hpp"
#include "troupe/wire/names.hpp"

namespace troupe {

namespace {

constexpr std::string_view hole = "{user_id}";

} // namespace

bool valid_inbox_pattern(std::string_view pattern) {
  const auto at = pattern.find(hole);
  if (at == std::string_view::npos || pattern == hole || has_wildcard(pattern) ||
      !name_pattern::parse(pattern))
    return false;
  return !has_placeholder(pattern.substr(at + hole.size())) &&
         !has_placeholder(pattern.substr(0, at));
}

std::string inbox_of(std::string_view pattern, std::string_view user_id) {
  const auto at = pattern.find(hole);
  if (at == std::string_view::npos || user_id.empty() || user_id.size() > name_bytes_max)
    return {};
  std::string out(pattern.substr(0, at));
  out.append(name_part_of(user_id)).append(pattern.substr(at + hole.size()));
  return valid_name(out) ? out : std::string{};
}

} // namespace troupe
