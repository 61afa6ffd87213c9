#include "troupe/users/user_index.hpp"

namespace troupe {

void user_index::add(connection_id connection, identity_ptr who) {
  remove(connection);
  const identity& added = *who;
  entries_.emplace(connection, std::move(who));
  if (!has_user(added.user_id))
    ++distinct_users_;
  by_user_.emplace(added.user_id, connection);
  for (const auto& role : added.roles)
    by_role_.emplace(role, connection);
  if (!added.token_id.empty())
    by_token_.emplace(added.token_id, connection);
}

bool user_index::remove(connection_id connection) {
  const auto found = entries_.find(connection);
  if (found == entries_.end())
    return false;
  const identity& gone = *found->second;
  by_user_.erase({gone.user_id, connection});
  for (const auto& role : gone.roles)
    by_role_.erase({role, connection});
  by_token_.erase({gone.token_id, connection});
  if (!has_user(gone.user_id))
    --distinct_users_;
  entries_.erase(found);
  return true;
}

bool user_index::has_user(std::string_view user_id) const {
  const auto first = by_user_.lower_bound({user_id, no_connection});
  return first != by_user_.end() && first->first == user_id;
}

std::vector<connection_id> user_index::under(const index& where, std::string_view key) {
  std::vector<connection_id> out;
  for (auto each = where.lower_bound({key, no_connection});
       each != where.end() && each->first == key; ++each)
    out.push_back(each->second);
  return out;
}

std::vector<connection_id> user_index::of_user(std::string_view user_id) const {
  return under(by_user_, user_id);
}

std::vector<connection_id> user_index::of_role(std::string_view role) const {
  return under(by_role_, role);
}

std::vector<connection_id> user_index::of_token(std::string_view token_id) const {
  return under(by_token_, token_id);
}

std::vector<user_index::user> user_index::users(std::string_view after, std::size_t limit) const {
  constexpr connection_id last{UINT64_MAX};
  std::vector<user> out;
  auto each = after.empty() ? by_user_.begin() : by_user_.upper_bound({after, last});
  while (each != by_user_.end() && out.size() < limit) {
    user found{entries_.at(each->second), 0};
    for (; each != by_user_.end() && each->first == found.who->user_id; ++each)
      ++found.connections;
    out.push_back(std::move(found));
  }
  return out;
}

} // namespace troupe
