#include "troupe/access.hpp"

#include "troupe/subject_pattern.hpp"
#include "troupe/wire/names.hpp"

#include <algorithm>

namespace troupe {

namespace {

// The token that `text` begins with; `text` is left with what follows the dot behind it.
std::string_view take_token(std::string_view& text) {
  const auto token = text.substr(0, text.find('.'));
  text.remove_prefix(std::min(token.size() + 1, text.size()));
  return token;
}

// A permission such as `subscribe:orders.*`, which is no better than the token says: what is
// malformed grants nothing.
bool permits(std::string_view permission, std::string_view what, std::string_view name) {
  return permission.size() > what.size() && permission.starts_with(what) &&
         permission[what.size()] == ':' &&
         matches_pattern(permission.substr(what.size() + 1), name);
}

// One of `roles` that `who` has; or nothing.
std::string_view role_among(const std::vector<std::string>& roles, const identity& who) {
  const auto has = [&who](const std::string& role) { return who.has_role(role); };
  const auto found = std::ranges::find_if(roles, has);
  return found == roles.end() ? std::string_view{} : std::string_view{*found};
}

} // namespace

bool valid_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > name_bytes_max || pattern.back() == '.')
    return false;
  while (!pattern.empty()) {
    const auto token = pattern_token::of(take_token(pattern));
    if (token.wildcard == '>' && !pattern.empty())
      return false;
    if (!valid_name(token.stem) && !(token.wildcard != '\0' && token.stem.empty()))
      return false;
  }
  return true;
}

bool matches_pattern(std::string_view pattern, std::string_view name) {
  if (pattern.empty() || pattern.back() == '.')
    return false;
  while (!pattern.empty() && !name.empty()) {
    const auto wanted = pattern_token::of(take_token(pattern));
    if (!wanted.fits(take_token(name)))
      return false;
    if (wanted.wildcard == '>')
      return pattern.empty();
  }
  return pattern.empty() && name.empty();
}

bool access_rules::matcher::matches(std::string_view name) const {
  if (tail.empty())
    return name == head;
  return name.starts_with(head) && matches_pattern(tail, name.substr(head.size()));
}

judgement judge(const namespace_rule& space, action what, std::string_view name,
                const identity* who) {
  using kind = judgement::kind;
  const auto& given = space.grants[static_cast<std::size_t>(what)];
  if (who)
    if (const auto role = role_among(space.denied_roles, *who); !role.empty())
      return {kind::denied, role};
  if (given.is_to_nobody())
    return {kind::nobody};
  if (given.general == grant::to::anyone)
    return {kind::anyone};
  if (!who)
    return {kind::not_granted};
  if (given.general == grant::to::authenticated)
    return {kind::authenticated};
  if (const auto role = role_among(given.roles, *who); !role.empty())
    return {kind::role, role};
  if (given.by_permission)
    for (const auto& permission : who->permissions)
      if (permits(permission, action_names[static_cast<std::size_t>(what)], name))
        return {kind::permission, permission};
  return {kind::not_granted};
}

access_rules::access_rules() = default;

access_rules::access_rules(std::vector<namespace_rule> namespaces)
  : namespaces_(std::move(namespaces)) {
  std::uint32_t space = 0;
  for (const auto& entry : namespaces_) {
    for (const auto& pattern : entry.patterns)
      if (valid_pattern(pattern)) {
        const auto wildcard = std::min(pattern.find_first_of("*>"), pattern.size());
        matchers_.push_back({space, pattern.substr(0, wildcard), pattern.substr(wildcard)});
      }
    ++space;
  }
}

bool access_rules::allow(action what, std::string_view name, const identity* who) const {
  if (namespaces_.empty())
    return true;
  bool allowed = false;
  std::uint32_t next = 0; // a namespace with several patterns that match is looked at once
  for (const auto& pattern : matchers_) {
    if (pattern.space < next || !pattern.matches(name))
      continue;
    if (!judge(namespaces_[pattern.space], what, name, who).allows())
      return false;
    allowed = true;
    next = pattern.space + 1;
  }
  return allowed;
}

std::vector<std::size_t> access_rules::all_of(std::string_view name) const {
  std::vector<std::size_t> out;
  for (const auto& pattern : matchers_)
    if (pattern.matches(name) && (out.empty() || out.back() != pattern.space))
      out.push_back(pattern.space);
  return out;
}

const namespace_rule* access_rules::of(std::string_view name) const {
  for (const auto& pattern : matchers_)
    if (pattern.matches(name))
      return &namespaces_[pattern.space];
  return nullptr;
}

} // namespace troupe
