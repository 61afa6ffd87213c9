// Who gives way: no address may take all sockets of the HTTP server, nor all TLS handshakes.
#include "server/net/http_server.hpp"

#include <algorithm>

namespace troupe {

holder_id http_server::holder_of(const client_address& who) const {
  return who.known() ? context_.settings.address_holder(who.holder().key_bytes()) : no_holder;
}

// What this loop may have of what there is for all loops.
std::uint64_t http_server::of_this_loop(std::uint64_t most) const {
  return std::max<std::uint64_t>(1, most / context_.routes.outlets.size());
}

void http_server::enter_shares(http_session& who, holder_id of) {
  who.since = loop_.now();
  sockets_.enter(who.among_sockets, who, of);
  const auto& bounds = context_.live().bounds;
  auto* const goes =
    sockets_.beyond_share(who.among_sockets, of_this_loop(bounds.http_sockets_max),
                          bounds.address_share, [](http_session* each) { return each->waits(); });
  if (goes)
    make_way(*goes, shared_resource::http_sockets);
}

// A proxy's header has said whose it is.
void http_server::belongs_to(http_session& who, const client_address& client) {
  sockets_.leave(who.among_sockets);
  enter_shares(who, holder_of(client));
}

void http_server::make_way(http_session& who, shared_resource where) {
  metrics().refused.add(refusal_reason::full);
  context_.metrics.shares_yielded.add(where);
  who.close();
}

bool http_server::make_room(std::chrono::milliseconds silent_for) {
  return make_room({}, silent_for);
}

// Whoever opens sockets and leaves them there loses them first: to keep others out, one would need
// many addresses, and be faster than their requests.
bool http_server::make_room(const socket_shares::place& newest,
                            std::chrono::milliseconds silent_for) {
  auto* const goes = sockets_.beyond_all(newest, [&](http_session* each) {
    return each->waits() && loop_.now() - each->since >= silent_for;
  });
  if (goes)
    make_way(*goes, shared_resource::http_sockets);
  return goes != nullptr;
}

void http_server::mark_idle(http_session& who) {
  who.since = loop_.now();
  sockets_.touch(who.among_sockets);
}

// -- TLS handshakes ----------------------------------------------------------------------------------

void http_server::begin_handshake(http_session& who) {
  handshakes_.enter(who.among_handshakes, who, holder_of(who.client_address()));
  const auto& bounds = context_.live().bounds;
  const auto most = of_this_loop(bounds.tls_handshakes_max);
  const auto any = [](http_session*) { return true; };
  auto* goes = handshakes_.beyond_share(who.among_handshakes, most, bounds.address_share, any);
  if (!goes && handshakes_.size() > most)
    goes = handshakes_.beyond_all(who.among_handshakes, any);
  if (goes)
    make_way(*goes, shared_resource::tls_handshakes);
}

void http_server::end_handshake(http_session& who) {
  handshakes_.leave(who.among_handshakes);
}

void http_server::await_handshake_turn(http_session& who) {
  handshake_turns_.await(holder_of(who.client_address()), who.shared_from_this());
}

void http_server::go_on_later(http_session& who) {
  going_on_.await(holder_of(who.client_address()), who.shared_from_this());
}

} // namespace troupe
