// Which sockets are accepted, and which of them make room for others.
#include "server/net/echo_connection.hpp"
#include "server/net/http_server.hpp"
#include "server/net/refusal.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe {

void http_server::on_accept(descriptor socket, const client_address& peer, port_kind port) {
  const int yes = 1;
  metrics().sockets_accepted.add();
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const bool speaks_http = port != port_kind::tls_only && !transports().tls_required;
  if (!connection_limits().may_accept(loop_.now())) {
    metrics().refused.add(refusal_reason::accept_rate);
    return reject(std::move(socket), speaks_http);
  }
  // A proxy's address is not the client's, which is known when its request is there.
  const auto& proxy = transports().proxy;
  const bool of_proxy = proxy.trusts(proxy.protocol, peer);
  if (!of_proxy && context_.banned(peer)) {
    metrics().refused.add(refusal_reason::banned);
    return reject_banned(std::move(socket), speaks_http);
  }
  std::optional<connection_limits::address_admission> admission{std::in_place};
  if (!of_proxy)
    admission = connection_limits().at_address(peer, loop_.now());
  if (!admission) {
    metrics().refused.add(refusal_reason::per_address);
    return reject(std::move(socket), speaks_http);
  }
  auto who = std::make_shared<http_session>(*this, std::move(socket), peer, port);
  who->admission = std::move(*admission);
  who->rank = sessions_.insert(sessions_.end(), who);
  enter_shares(*who, of_proxy ? no_holder : holder_of(peer));
  const bool too_many = connection_limits().socket_comes();
  if (!who->start())
    return who->close();
  if (too_many && !make_room(who->among_sockets, {})) {
    metrics().refused.add(refusal_reason::full);
    who->close();
  }
}

void http_server::drain() {
  for (const auto& [each, owner] : echoes_)
    owner->go_away();
}

void http_server::close() {
  while (!sessions_.empty())
    sessions_.front()->close();
  while (!echoes_.empty())
    echoes_.begin()->second->close();
}

void http_server::forget(http_session& who) {
  connection_limits().socket_goes();
  sockets_.leave(who.among_sockets);
  handshakes_.leave(who.among_handshakes);
  loop_.outlives_turn(std::move(*who.rank)); // the kernel may have more to tell it
  sessions_.erase(who.rank);
}

void http_server::forget(const echo_connection& who) {
  if (auto gone = echoes_.extract(&who)) {
    loop_.outlives_turn(std::move(gone.mapped()));
  }
}

} // namespace troupe
