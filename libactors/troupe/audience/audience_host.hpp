// What rooms and topics have in common: the members, the order of messages, and the way to the
// outlets. Runs inside the actor that owns it.
#pragma once

#include "troupe/messages.hpp"
#include "troupe/roster.hpp"
#include "troupe/server_context.hpp"

#include <string>

namespace troupe {

class audience_host {
public:
  audience_host(const server_context& server, audience_kind kind, std::string name,
                audience_id audience);

  const std::string& name() const { return name_; }
  const roster& members() const { return members_; }
  member* find_member(connection_id connection) { return members_.find(connection); }
  const position& at() const { return at_; }
  const server_context& server() const { return server_; }

  /// Counts one request of the directory's: see `idle`.
  void count_admitted() { ++admitted_; }
  /// The notice for the directory that nobody is here.
  idle idle_notice() const { return {kind_, name_, audience_, admitted_}; }

  /// Makes `request.connection` a member and tells its outlet. False when it was one already.
  bool enroll_member(const admit& request, std::variant<room_actor, topic_actor> host);
  /// False when it is no member by the enrolment of that ticket.
  bool remove_member(connection_id connection, ticket asked, member& removed);

  /// The next place in the sequence.
  std::uint64_t take_offset() { return ++at_.offset; }

  /// One message to each loop that has members.
  void send_all(const frame_ptr& what, connection_id except = no_connection,
                const troupe::credit& credit = {}) const;
  void send_one(connection_id to, frame_ptr what) const;
  void refuse_entry(const admit& request, error why) const;
  void expel_all(const frame_ptr& last);

private:
  const server_context& server_;
  const audience_kind kind_;
  const std::string name_;
  const audience_id audience_;
  position at_;
  std::uint64_t admitted_ = 0;
  roster members_;
};

} // namespace troupe
