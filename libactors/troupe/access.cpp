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
// `fits(pattern)`: whether it is about what is asked for.
template <class Fits>
bool permits(std::string_view permission, std::string_view what, Fits fits) {
  return permission.size() > what.size() && permission.starts_with(what) &&
         permission[what.size()] == ':' && fits(permission.substr(what.size() + 1));
}

// One of `roles` that `who` has; or nothing.
std::string_view role_among(const std::vector<std::string>& roles, const identity& who) {
  const auto has = [&who](const std::string& role) { return who.has_role(role); };
  const auto found = std::ranges::find_if(roles, has);
  return found == roles.end() ? std::string_view{} : std::string_view{*found};
}

// What a namespace says to somebody whose the name may be.
template <class Fits>
judgement judge_grant(const namespace_rule& space, action what, const identity* who, Fits fits) {
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
      if (permits(permission, action_names[static_cast<std::size_t>(what)], fits))
        return {kind::permission, permission};
  return {kind::not_granted};
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

access_rules::access_rules() = default;

access_rules::access_rules(std::vector<namespace_rule> namespaces, bool open_besides)
  : namespaces_(std::move(namespaces)),
    open_besides_(open_besides || namespaces_.empty()) {
  std::uint32_t space = 0;
  for (const auto& entry : namespaces_) {
    any_keeps_presence_ |= entry.presence.value_or(presence_mode::off) != presence_mode::off;
    for (const auto& pattern : entry.patterns)
      if (auto read = name_pattern::parse(pattern))
        matchers_.push_back({space, *std::move(read)});
    ++space;
  }
}

// A namespace has what one of its patterns has: it is theirs if it is by any of them.
template <class F>
void access_rules::judge_each(action what, std::string_view name, const identity* who, F f) const {
  using fit = name_pattern::fit;
  for (auto each = matchers_.begin(); each != matchers_.end();) {
    const auto space = each->space;
    auto best = fit::none;
    std::string_view by;
    for (; each != matchers_.end() && each->space == space; ++each) {
      if (best == fit::theirs)
        continue;
      const auto one = each->pattern.of(name, who);
      if (one > best) {
        best = one;
        by = each->pattern.personal() ? std::string_view(each->pattern.text()) : "";
      }
    }
    if (best == fit::none)
      continue;
    judgement said{judgement::kind::another};
    if (best == fit::theirs)
      said = judge_grant(namespaces_[space], what, who, [name](std::string_view permitted) {
        return matches_pattern(permitted, name);
      });
    said.pattern = by;
    if (!f(space, said))
      return;
  }
}

bool access_rules::allow(action what, std::string_view name, const identity* who) const {
  bool allowed = open_besides_;
  judge_each(what, name, who,
             [&](std::size_t, const judgement& said) { return allowed = said.allows(); });
  return allowed;
}

bool access_rules::allow_pattern(std::string_view pattern, const identity* who) const {
  using fit = name_pattern::fit;
  const auto permitted = [pattern](std::string_view permission) {
    const auto read = valid_pattern(permission) ? name_pattern::parse(permission) : std::nullopt;
    return read && read->has_all(pattern, nullptr) == fit::theirs;
  };
  bool there = false, allowed = false;
  for (auto each = matchers_.begin(); each != matchers_.end();) {
    const auto space = each->space;
    auto best = fit::none;
    for (; each != matchers_.end() && each->space == space; ++each)
      best = std::max(best, each->pattern.has_all(pattern, who));
    if (best == fit::none)
      continue;
    if (best == fit::others ||
        !judge_grant(namespaces_[space], action::subscribe, who, permitted).allows())
      return false;
    there = true;
    allowed = allowed || namespaces_[space].by_pattern;
  }
  return there ? allowed : open_besides_;
}

bool access_rules::hears_by_pattern(std::string_view topic, const identity* who) const {
  const auto* const first = of(topic);
  return (first ? first->by_pattern : open_besides_) && allow(action::subscribe, topic, who);
}

bool access_rules::all_hear_by_pattern(std::string_view topic) const {
  const auto is_open = [&](const matcher& each) {
    const auto& space = namespaces_[each.space];
    return !each.pattern.personal() && space.denied_roles.empty() &&
           space.grants[static_cast<std::size_t>(action::subscribe)].general == grant::to::anyone;
  };
  return hears_by_pattern(topic, nullptr) && std::ranges::all_of(matchers_, [&](const auto& each) {
           return !each.pattern.has(topic) || is_open(each);
         });
}

std::vector<std::pair<std::size_t, judgement>>
access_rules::judge(action what, std::string_view name, const identity* who) const {
  std::vector<std::pair<std::size_t, judgement>> out;
  judge_each(what, name, who, [&](std::size_t space, const judgement& said) {
    out.emplace_back(space, said);
    return true;
  });
  return out;
}

error access_rules::refusal(action what, std::string_view name) const {
  error out{errc::insufficient_permissions};
  // A pattern of topics is nobody's name.
  if (!has_wildcard(name) && !of(name))
    out.message += ": no namespace matches this name";
  else
    out.message.append(": '")
      .append(action_names[static_cast<std::size_t>(what)])
      .append(has_wildcard(name) ? "' by this pattern is not allowed" : "' is not allowed here");
  return out;
}

std::vector<std::size_t> access_rules::all_of(std::string_view name) const {
  std::vector<std::size_t> out;
  for (const auto& each : matchers_)
    if ((out.empty() || out.back() != each.space) && each.pattern.has(name))
      out.push_back(each.space);
  return out;
}

const namespace_rule* access_rules::of(std::string_view name) const {
  for (const auto& each : matchers_)
    if (each.pattern.has(name))
      return &namespaces_[each.space];
  return nullptr;
}

std::vector<std::string> claims_named_by(const std::vector<namespace_rule>& namespaces) {
  std::vector<std::string> out;
  for (const auto& space : namespaces)
    for (const auto& pattern : space.patterns)
      if (const auto read = name_pattern::parse(pattern))
        for (auto& claim : read->claims())
          if (std::ranges::find(out, claim) == out.end())
            out.push_back(std::move(claim));
  return out;
}

} // namespace troupe
