// Who is in a room or on a topic, and on which I/O loops they are. Pure.
#pragma once

#include "troupe/wire/ids.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

struct member {
  connection_id connection;
  std::string user; ///< what it is called here
};

class roster {
public:
  /// False when the connection is a member already; its name is then the new one.
  bool add(member who);
  /// The member that was there, without one: none.
  bool remove(connection_id connection, member& removed);

  const member* find(connection_id connection) const;
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
