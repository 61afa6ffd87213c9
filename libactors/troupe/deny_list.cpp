#include "troupe/deny_list.hpp"

#include <algorithm>

namespace troupe {

bool deny_list::holds(const entries& list, const std::string& name, wall_time now) {
  const auto found = list.find(name);
  return found != list.end() && now < found->second;
}

bool deny_list::denies(const identity& who, wall_time now) const {
  return holds(users_, who.user_id, now) ||
         (!who.token_id.empty() && holds(tokens_, who.token_id, now));
}

bool deny_list::deny_user(std::string user_id, wall_time until, wall_time now,
                          std::size_t entries_max) {
  return add(users_, std::move(user_id), until, now, entries_max);
}

bool deny_list::deny_token(std::string token_id, wall_time until, wall_time now,
                           std::size_t entries_max) {
  return add(tokens_, std::move(token_id), until, now, entries_max);
}

bool deny_list::add(entries& to, std::string name, wall_time until, wall_time now,
                    std::size_t entries_max) {
  for (entries* list : {&users_, &tokens_})
    std::erase_if(*list, [now](const auto& entry) { return entry.second <= now; });
  if (const auto found = to.find(name); found != to.end()) {
    found->second = std::max(found->second, until);
    return true;
  }
  if (size() >= entries_max)
    return false;
  to.emplace(std::move(name), until);
  return true;
}

} // namespace troupe
