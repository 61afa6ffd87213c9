#include "troupe/audience/audience_host.hpp"

#include <caf/send.hpp>

namespace troupe {

audience_host::audience_host(const server_context& server, audience_kind kind, std::string name,
                             audience_id audience)
  : server_(server),
    kind_(kind),
    name_(std::move(name)),
    audience_(audience),
    at_{server.settings.epoch + "-" + std::to_string(static_cast<std::uint64_t>(audience)), 0} {}

bool audience_host::enroll_member(const admit& request,
                                  std::variant<room_actor, topic_actor> host) {
  const bool added = members_.add({request.connection, request.user, request.asked, request.who});
  caf::anon_send(
    server_.routes.child_of(request.connection),
    enroll{audience_, kind_, name_, std::move(host), request.connection, at_, request.asked});
  return added;
}

bool audience_host::remove_member(connection_id connection, ticket asked, member& removed) {
  return members_.remove(connection, asked, removed);
}

void audience_host::send_all(const frame_ptr& what, connection_id except,
                             const troupe::credit& credit) const {
  const auto& counts = members_.per_loop();
  auto since = credit.since();
  if (since == credit::time_point{})
    since = metrics_clock::now();
  for (std::size_t loop = 0; loop < counts.size(); ++loop)
    if (counts[loop] > 0)
      caf::anon_send(server_.routes.outlets[loop],
                     broadcast{audience_, what, except, credit, at_.offset, since});
}

void audience_host::send_one(connection_id to, frame_ptr what) const {
  caf::anon_send(server_.routes.child_of(to), unicast{to, std::move(what)});
}

void audience_host::refuse_entry(const admit& request, error why) const {
  caf::anon_send(server_.routes.child_of(request.connection),
                 refuse{kind_, name_, request.connection, request.asked, std::move(why)});
}

void audience_host::expel_all(const frame_ptr& last) {
  for (const auto& [connection, who] : members_)
    caf::anon_send(server_.routes.child_of(connection), expel{audience_, connection, last});
  members_ = {};
}

} // namespace troupe
