#include "troupe/name_pattern.hpp"

#include "troupe/subject_pattern.hpp"
#include "troupe/wire/name_part.hpp"
#include "troupe/wire/names.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr std::string_view claim_prefix = "claim.";
constexpr std::size_t claim_bytes_max = 64;

// Takes the first part off a name, and the dot behind it; `last` says that there is no more.
std::string_view take_part(std::string_view& name, bool& last) {
  const auto dot = name.find('.');
  last = dot == std::string_view::npos;
  const auto part = name.substr(0, dot);
  name.remove_prefix(last ? name.size() : dot + 1);
  return part;
}

// The same of a pattern: the dots in a placeholder part nothing.
std::string_view take_pattern_part(std::string_view& pattern, bool& last) {
  const auto closed = pattern.starts_with('{') ? pattern.find('}') : 0;
  const auto dot = pattern.find('.', closed == std::string_view::npos ? 0 : closed);
  last = dot == std::string_view::npos;
  const auto part = pattern.substr(0, dot);
  pattern.remove_prefix(last ? pattern.size() : dot + 1);
  return part;
}

// As issuers call them, with an address before it at times: `https://example.com/tenant`.
bool valid_claim_name(std::string_view name) {
  return !name.empty() && name.size() <= claim_bytes_max && std::ranges::all_of(name, [](char c) {
    return c > ' ' && c < 0x7f && c != '{' && c != '}';
  });
}

} // namespace

bool has_placeholder(std::string_view pattern) {
  return pattern.find('{') != std::string_view::npos;
}

std::optional<name_pattern::part> name_pattern::parse_part(std::string_view text) {
  if (text.starts_with('{')) {
    if (text == "{user_id}")
      return part{kind::user_id, {}};
    if (!text.ends_with('}') || !text.substr(1).starts_with(claim_prefix))
      return std::nullopt;
    const auto name = text.substr(1 + claim_prefix.size(), text.size() - claim_prefix.size() - 2);
    if (!valid_claim_name(name))
      return std::nullopt;
    return part{kind::claim, std::string(name)};
  }
  const auto token = pattern_token::of(text);
  if (!valid_name(token.stem) && !(token.wildcard != '\0' && token.stem.empty()))
    return std::nullopt;
  const auto what = token.wildcard == '*'   ? kind::any
                    : token.wildcard == '>' ? kind::rest
                                            : kind::text;
  return part{what, std::string(token.stem)};
}

std::optional<name_pattern> name_pattern::parse(std::string_view text) {
  name_pattern out;
  out.text_ = text;
  std::size_t bytes = 0; // of the shortest name that it could have
  bool last = false;
  while (!last) {
    auto read = parse_part(take_pattern_part(text, last));
    if (!read || (read->what == kind::rest && !last))
      return std::nullopt;
    const bool placeholder = read->what == kind::user_id || read->what == kind::claim;
    out.personal_ = out.personal_ || placeholder;
    bytes += placeholder ? 1 : read->text.size() + (read->what == kind::text ? 0 : 1);
    bytes += last ? 0 : 1;
    if (out.parts_.empty() && read->what == kind::text && !last)
      out.head_.append(read->text).append(".");
    else
      out.parts_.push_back(*std::move(read));
  }
  return bytes <= name_bytes_max ? std::optional(std::move(out)) : std::nullopt;
}

std::vector<std::string> name_pattern::claims() const {
  std::vector<std::string> out;
  for (const auto& each : parts_)
    if (each.what == kind::claim)
      out.push_back(each.text);
  return out;
}

name_pattern::fit name_pattern::fit_of(const part& wanted, std::string_view given,
                                       const identity* who) {
  const auto theirs_if = [](bool same) { return same ? fit::theirs : fit::others; };
  switch (wanted.what) {
  case kind::text:
    return given == wanted.text ? fit::theirs : fit::none;
  case kind::any:
  case kind::rest:
    return given.size() > wanted.text.size() && given.starts_with(wanted.text) ? fit::theirs
                                                                               : fit::none;
  case kind::user_id:
    return theirs_if(who && is_name_part_of(given, who->user_id));
  case kind::claim:
    return theirs_if(who && is_name_part_of(given, who->claim(wanted.text)));
  }
  return fit::none;
}

// `given` may be a wildcard, for all parts there are.
name_pattern::fit name_pattern::fit_of_all(const part& wanted, std::string_view given,
                                           const identity* who) {
  if (given != "*" && given != ">")
    return fit_of(wanted, given, who);
  const bool all = wanted.what == kind::rest || (wanted.what == kind::any && given == "*");
  return all && wanted.text.empty() ? fit::theirs : fit::none;
}

name_pattern::fit name_pattern::of(std::string_view name, const identity* who) const {
  return walk(name, who, [](auto&... what) { return fit_of(what...); });
}

name_pattern::fit name_pattern::has_all(std::string_view pattern, const identity* who) const {
  return walk(pattern, who, [](auto&... what) { return fit_of_all(what...); });
}

template <class Fit>
name_pattern::fit name_pattern::walk(std::string_view name, const identity* who,
                                     Fit fit_of_part) const {
  if (!name.starts_with(head_))
    return fit::none;
  name.remove_prefix(head_.size());
  auto so_far = fit::theirs;
  bool last = name.empty();
  for (const auto& wanted : parts_) {
    if (last)
      return fit::none;
    const auto given = take_part(name, last);
    const auto one = fit_of_part(wanted, given, who);
    if (one == fit::none)
      return one;
    so_far = std::min(so_far, one);
    if (wanted.what == kind::rest)
      return so_far;
  }
  return last ? so_far : fit::none;
}

} // namespace troupe
