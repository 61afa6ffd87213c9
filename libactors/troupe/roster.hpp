// Who is in a room. Pure.
#pragma once

#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"

#include <string>
#include <unordered_set>

namespace troupe {

/// Who takes part, as the room knows it.
struct member {
  connection_id connection;
  std::string user;      ///< what it is called here
  ticket asked = 0;      ///< of its enrolment, which only that ticket ends
  identity_ptr who{};    ///< by its token: user id, roles, permissions; null: anonymous
  std::string from{};    ///< public id of the connection
  ticket since = 0;      ///< the first enrolment that it asked for with this token
  bool announced = true; ///< the others have been told that it is here, and are when it goes
};

class roster {
public:
  /// False when the connection is a member already; all that is known of it is then the new, but
  /// who it is, where it has asked with a token that it has replaced since.
  bool add(member who);
  /// Ends the enrolment of that ticket. False when the connection is no member, or one by another
  /// enrolment; else `removed` is what it was.
  bool remove(connection_id connection, ticket asked, member& removed);
  /// A member has another token, whose name it has from now on. False when it is none.
  bool identify(connection_id connection, identity_ptr who, ticket since);

  const member* find(connection_id connection) const;
  std::size_t size() const { return members_.size(); }
  bool empty() const { return members_.empty(); }

  /// Members, in no order.
  auto begin() const { return members_.begin(); }
  auto end() const { return members_.end(); }

private:
  struct by_connection {
    using is_transparent = void;
    static connection_id key(connection_id id) { return id; }
    static connection_id key(const member& who) { return who.connection; }

    std::size_t operator()(const auto& of) const noexcept {
      return std::hash<connection_id>{}(key(of));
    }
    bool operator()(const auto& a, const auto& b) const noexcept { return key(a) == key(b); }
  };

  std::unordered_set<member, by_connection, by_connection> members_;
};

} // namespace troupe
