// Which connections belong to which user, role and token. Pure.
//
// Three ordered indexes, so that a role that all users have makes a departure no dearer than any
// other role: adding, removing and finding the first are logarithmic. About 200 bytes for a
// connection with one role; anonymous connections are not in it.
#pragma once

#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"

#include <cstdint>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe {

class user_index {
public:
  /// Enters a connection, or replaces what was known of it.
  void add(connection_id connection, identity_ptr who);
  /// False when it was not here.
  bool remove(connection_id connection);

  std::vector<connection_id> of_user(std::string_view user_id) const;
  std::vector<connection_id> of_role(std::string_view role) const;
  std::vector<connection_id> of_token(std::string_view token_id) const;

  /// Of a connection that is here.
  const identity_ptr& identity_of(connection_id connection) const {
    return entries_.at(connection);
  }

  struct user {
    identity_ptr who; ///< as one of its connections has it
    std::uint32_t connections = 0;
  };
  /// At most `limit` users whose ids are behind `after`, in the order of their ids.
  std::vector<user> users(std::string_view after, std::size_t limit) const;

  std::size_t connections() const { return entries_.size(); }
  std::size_t distinct_users() const { return distinct_users_; }

private:
  // The text belongs to the identity of that very connection, which `entries_` holds.
  using index = std::set<std::pair<std::string_view, connection_id>>;

  static std::vector<connection_id> under(const index& where, std::string_view key);
  bool has_user(std::string_view user_id) const;

  std::unordered_map<connection_id, identity_ptr> entries_;
  index by_user_;
  index by_role_;
  index by_token_;
  std::size_t distinct_users_ = 0;
};

} // namespace troupe
