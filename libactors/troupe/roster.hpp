// Who is in a room or on a topic, and on which I/O loops they are. Pure.
#pragma once

#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// Who takes part, as the room knows it.
struct member {
  connection_id connection;
  std::string user;   ///< what it is called here
  ticket asked = 0;   ///< of its enrolment, which only that ticket ends
  identity_ptr who{}; ///< by its token: user id, roles, permissions; null: anonymous
};

class roster {
public:
  /// False when the connection is a member already; all that is known of it is then the new.
  bool add(member who);
  /// Ends the enrolment of that ticket. False when the connection is no member, or one by another
  /// enrolment; else `removed` is what it was.
  bool remove(connection_id connection, ticket asked, member& removed);

  const member* find(connection_id connection) const;
  member* find(connection_id connection);
  std::size_t size() const { return members_.size(); }
  bool empty() const { return members_.empty(); }

  auto begin() const { return members_.begin(); }
  auto end() const { return members_.end(); }

  /// Members by number of I/O loop: how many children a broadcast has.
  const std::vector<std::uint32_t>& per_loop() const { return per_loop_; }

private:
  std::unordered_map<connection_id, member> members_;
  std::vector<std::uint32_t> per_loop_;
};

} // namespace troupe
