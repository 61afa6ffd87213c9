#include "troupe/wire/rpc_rules.hpp"

#include <algorithm>

namespace troupe {

bool valid_rpc_name(std::string_view name) {
  return !name.empty() && name.size() <= rpc_name_bytes_max &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

bool rpc_rule::lets(const identity* who) const {
  if (!who)
    return anonymous;
  if (anonymous || (roles.empty() && permission.empty()))
    return true;
  const auto& own = who->permissions;
  return (!permission.empty() && std::find(own.begin(), own.end(), permission) != own.end()) ||
         std::any_of(roles.begin(), roles.end(),
                     [who](const std::string& role) { return who->has_role(role); });
}

const rpc_rule* rpc_rules::find(std::string_view service, std::string_view method,
                                const identity* who) const {
  for (const auto& each : rules_)
    if (each.service == service && (each.method == "*" || each.method == method) && each.lets(who))
      return &each;
  return nullptr;
}

} // namespace troupe
