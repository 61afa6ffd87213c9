#include "server/config/config_keys.hpp"

#include "server/config/list_kinds.hpp"
#include "troupe/wire/nearest_word.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

namespace troupe {

namespace {

template <class Kind>
constexpr bool is_duration = std::is_same_v<Kind, kinds::seconds>;

constexpr config_key keys[] = {
#define TROUPE_KEY(section, member, kind, min, max, unit, meaning, more)                           \
  {#section,                                                                                       \
   is_duration<kinds::kind> ? #member "_seconds" : #member,                                        \
   unit,                                                                                           \
   meaning,                                                                                        \
   more,                                                                                           \
   kinds::kind::placeholder,                                                                       \
   {min, max},                                                                                     \
   [](const config_value& value, value_range bounds, config& into) {                               \
     return kinds::kind::read(value, bounds, into.section.member);                                 \
   },                                                                                              \
   [](const config& from) { return kinds::kind::show(from.section.member); },                      \
   kinds::kind::expected,                                                                          \
   kinds::kind::range},
#include "server/config/config.def"
};

constexpr std::array<std::array<std::string_view, 2>, 2> aliases{{
  {"--server-port", "--port"},
  {"--server-host", "--host"},
}};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

} // namespace

std::span<const config_key> config_keys() {
  return keys;
}

std::string full_name(const config_key& key) {
  return std::string(key.section) + '.' + std::string(key.key);
}

std::string variable(const config_key& key) {
  return upper("troupe_" + std::string(key.section) + '_' + std::string(key.key));
}

std::string flag(const config_key& key) {
  auto name = "--" + std::string(key.section) + '-' + std::string(key.key);
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string_view flag_alias(const config_key& key) {
  const auto name = flag(key);
  for (const auto& [long_name, alias] : aliases)
    if (long_name == name)
      return alias;
  return {};
}

std::string facts(const config_key& key) {
  auto text = key.range(key.bounds);
  if (!key.unit.empty())
    text += ' ' + std::string(key.unit);
  return text + ", default " + key.show(config{});
}

std::string mismatch(const config_key& key, const value_error& error) {
  return "expected " + key.expected(key.bounds) + ", got " + error.got;
}

std::string_view nearest(std::string_view word, std::span<const std::string> candidates,
                         std::size_t slips_max) {
  return nearest_word(word, std::vector<std::string_view>(candidates.begin(), candidates.end()),
                      slips_max);
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  const auto near = nearest(word, candidates);
  return near.empty() ? std::string{} : ", did you mean \"" + std::string(near) + "\"?";
}

} // namespace troupe
