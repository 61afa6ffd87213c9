// Admission: limits, origin and token checks for new sockets.
#include "server/log/audit.hpp"
#include "server/net/credentials.hpp"
#include "server/net/echo_connection.hpp"
#include "server/net/handshake.hpp"
#include "server/net/http_server.hpp"
#include "server/net/origin.hpp"
#include "server/net/refusal.hpp"
#include "server/text/url.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe {

namespace http = boost::beast::http;

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
  std::optional<connection_limits::address_admission> admission{std::in_place};
  if (const auto& proxy = transports().proxy; !proxy.trusts(proxy.protocol, peer))
    admission = connection_limits().at_address(peer, loop_.now());
  if (!admission) {
    metrics().refused.add(refusal_reason::per_address);
    return reject(std::move(socket), speaks_http);
  }
  auto who = std::make_shared<http_session>(*this, std::move(socket), peer, port);
  who->admission = std::move(*admission);
  who->since = loop_.now();
  who->queue_rank = sessions_.insert(sessions_.end(), who);
  const bool too_many = connection_limits().socket_comes();
  if (!who->start() || (too_many && !make_room()))
    who->close();
}

// Whoever opens sockets and leaves them there loses them first: to keep others out, a flood would
// have to be faster than their requests.
bool http_server::make_room(std::chrono::milliseconds silent_for) {
  constexpr int looks = 32;
  auto it = sessions_.begin();
  for (int i = 0; i < looks && it != sessions_.end(); ++i, ++it)
    if ((*it)->waits() && loop_.now() - (*it)->since >= silent_for) {
      metrics().refused.add(refusal_reason::full);
      (*it)->close();
      return true;
    }
  return false;
}

void http_server::mark_idle(http_session& who) {
  who.since = loop_.now();
  sessions_.splice(sessions_.end(), sessions_, who.queue_rank);
}

void http_server::close() {
  while (!sessions_.empty())
    sessions_.front()->close();
  while (!echoes_.empty())
    echoes_.begin()->second->close();
}

void http_server::forget(const http_session& who) {
  connection_limits().socket_goes();
  loop_.outlives_turn(std::move(*who.queue_rank)); // the kernel may have more to tell it
  sessions_.erase(who.queue_rank);
}

void http_server::forget(const echo_connection& who) {
  if (auto gone = echoes_.extract(&who)) {
    connection_limits().socket_goes();
    loop_.outlives_turn(std::move(gone.mapped()));
  }
}

// -- what a WebSocket must pass ---------------------------------------------------------------------

bool http_server::check_origin(http_session& who, const http_request& request,
                               const std::string& handshake) {
  const auto value = [&](http::field name) {
    const auto text = request[name];
    return std::string_view{text.data(), text.size()};
  };
  if (origin_allowed(context_.live().origins, value(http::field::origin), value(http::field::host)))
    return true;
  constexpr std::string_view why = "Origin not allowed";
  metrics().refused.add(refusal_reason::origin);
  if (settings_.origin_reject == rejection::http)
    who.respond(error_response({errc::insufficient_permissions, std::string(why)}));
  else
    reject_upgrade(who, handshake, close_code::policy_violation, why);
  return false;
}

bool http_server::check_address_limit(http_session& who) {
  if (who.admission) // it has had one since it was accepted
    return true;
  auto admission = connection_limits().at_address(who.client_address(), loop_.now());
  if (!admission) {
    metrics().refused.add(refusal_reason::per_address);
    who.respond(busy_response("Too many connections of this address"));
    return false;
  }
  who.admission = std::move(*admission);
  return true;
}

// Finds out who the token's bearer is: nobody when there is no token and none is needed.
bool http_server::authenticate(http_session& who, const http_request& request,
                               const std::string& handshake, identity_ptr& bearer) {
  if (!context_.settings.verify)
    return true;
  const auto token =
    token_of(request, split_target({request.target().data(), request.target().size()}).query);
  if (!token) {
    refuse_bad_request(who, token.error());
    return false;
  }
  if (token->empty() && !settings_.tokens_required)
    return true;
  const auto address = who.client_address().to_string();
  const auto refuse = [&](std::string_view why, std::string_view user, close_code code,
                          std::string_view reason) {
    metrics().refused.add(refusal_reason::token);
    log_audit("refused authentication", {{"why", why}, {"user", user}, {"address", address}});
    if (settings_.auth_reject == rejection::close)
      return reject_upgrade(who, handshake, code, reason);
    auto response = error_response({errc::insufficient_permissions, std::string(reason)}, 401);
    response.fields = {{"WWW-Authenticate", "Bearer"}};
    who.respond(response);
  };
  if (token->empty()) {
    refuse("no token", {}, close_code::policy_violation, "Token required");
    return false;
  }
  auto verified = context_.settings.verify(*token);
  if (!verified) {
    const auto& [why, expired] = verified.error();
    const auto code = expired ? close_code::token_expired : close_code::policy_violation;
    refuse(why, {}, code, expired ? default_reason(code) : "Invalid token");
    return false;
  }
  bearer = *std::move(verified);
  if (!context_.denied(*bearer))
    return true;
  refuse("denied", bearer->user_id, close_code::kicked, default_reason(close_code::kicked));
  return false;
}

void http_server::upgrade_echo(http_session& who, const http_request& request) {
  auto handshake = answer_handshake(request);
  if (!handshake)
    return who.respond(handshake.error());
  if (!check_origin(who, request, *handshake) || !check_address_limit(who))
    return;
  auto [socket, early] = who.become_connection();
  auto echo = std::make_shared<echo_connection>(*this, std::move(socket), *std::move(handshake),
                                                std::move(early), std::move(who.admission));
  echoes_.emplace(echo.get(), echo);
  connection_limits().socket_comes();
  echo->start();
}

} // namespace troupe
