// Any two lines as a pattern and a name: what is a name, what is a pattern, and whether they match
// is as the rules say when they are followed word for word.
#include "tests/fuzz/check.hpp"
#include "troupe/access.hpp"
#include "troupe/wire/names.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {
namespace {

using test::check;
using tokens = std::vector<std::string_view>;

tokens tokens_of(std::string_view text) {
  tokens out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('.', begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

bool is_word(std::string_view token) {
  constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-:@/";
  return !token.empty() && token.find_first_not_of(letters) == std::string_view::npos;
}

bool is_name(std::string_view text) {
  for (const auto token : tokens_of(text))
    if (!is_word(token))
      return false;
  return text.size() <= 128;
}

// `*`, `>`, or one of them behind a slash.
bool is_wild(std::string_view token) {
  if (token != "*" && token != ">" && !token.ends_with("/*") && !token.ends_with("/>"))
    return false;
  const auto stem = token.substr(0, token.size() - 1);
  return stem.empty() || is_word(stem);
}

bool is_pattern(std::string_view text) {
  const auto all = tokens_of(text);
  for (const auto& token : all)
    if (!is_word(token) && (!is_wild(token) || (token.ends_with('>') && &token != &all.back())))
      return false;
  return text.size() <= 128;
}

bool fits(std::span<const std::string_view> pattern, std::span<const std::string_view> name) {
  if (pattern.empty() || name.empty())
    return pattern.empty() && name.empty();
  const auto stem = pattern[0].substr(0, pattern[0].size() - 1);
  if (is_wild(pattern[0]) ? !name[0].starts_with(stem) || name[0] == stem : pattern[0] != name[0])
    return false;
  return pattern[0].ends_with('>') || fits(pattern.subspan(1), name.subspan(1));
}

// The rules agree with the pattern, whether it is the namespace's or a permission's. Placeholders
// are a namespace's alone.
void follow(const std::string& pattern, std::string_view name, bool matching) {
  namespace_rule space;
  space.patterns = {pattern};
  space.grants[0].general = grant::to::anyone;
  const access_rules by_namespace({space});
  check(by_namespace.allow(action::subscribe, name, nullptr) == matching, "a namespace matches");
  check(has_placeholder(pattern) || (by_namespace.of(name) != nullptr) == matching,
        "a namespace is found");
  check(!by_namespace.allow(action::publish, name, nullptr), "no other action is granted");

  space.patterns = {">"};
  space.grants[0].general = grant::to::nobody;
  space.grants[0].by_permission = true;
  identity who;
  who.permissions = {"subscribe:" + pattern};
  const access_rules by_permission({space});
  check(by_permission.allow(action::subscribe, name, &who) == matching, "a permission matches");
  check(!by_permission.allow(action::subscribe, name, nullptr), "nobody has none");
}

} // namespace
} // namespace troupe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = std::min(text.find('\n'), text.size());
  const std::string pattern(text.substr(0, line));
  const auto name = text.substr(std::min(line + 1, text.size()));

  check(valid_name(name) == is_name(name), "a name is one by the rules");
  check(valid_pattern(pattern) == is_pattern(pattern), "a pattern is one by the rules");
  check(!valid_event(name) || valid_name(name), "an event is a name");
  if (!valid_name(name))
    return 0;
  check(matches_pattern(name, name), "a name matches itself");
  const bool matching = is_pattern(pattern) && fits(tokens_of(pattern), tokens_of(name));
  check(matches_pattern(pattern, name) == matching, "a pattern matches by the rules");
  follow(pattern, name, matching);
  return 0;
}
