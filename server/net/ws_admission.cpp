// What a request for a WebSocket must pass, whatever the WebSocket is for: one way in for all.
#include "server/log/audit.hpp"
#include "server/net/credentials.hpp"
#include "server/net/handshake.hpp"
#include "server/net/http_server.hpp"
#include "server/net/origin.hpp"
#include "server/net/refusal.hpp"
#include "server/net/ws_parameters.hpp"
#include "server/text/url.hpp"
#include "troupe/wire/names.hpp"

namespace troupe {

namespace http = boost::beast::http;

std::optional<http_server::entrant> http_server::admit(http_session& who,
                                                       const http_request& request) {
  entrant in;
  in.compression = agree_on_deflate(request, settings_.deflate);
  auto handshake = answer_handshake(request, in.compression);
  if (!handshake) {
    refuse(who, handshake.error(), refusal_reason::bad_request);
    return std::nullopt;
  }
  in.handshake = *std::move(handshake);
  const auto turn_away_as_bad = [&](std::string why) {
    turn_away(who, request, {errc::bad_request, std::move(why)}, refusal_reason::bad_request);
    return std::nullopt;
  };
  if (!check_room_left(who) || !check_origin(who, request, in.handshake) ||
      !check_address_limit(who))
    return std::nullopt;
  auto user = display_name(request);
  if (!user)
    return turn_away_as_bad(std::move(user).error());
  in.user = *std::move(user);
  if (!authenticate(who, request, in.handshake, in.who))
    return std::nullopt;
  if (!in.who && is_taken(in.user, context_.live().reserved_names))
    return turn_away_as_bad(std::string(taken_display_name));
  auto seen = position_seen(request, ws_parameter::epoch, ws_parameter::offset);
  auto inbox_seen = position_seen(request, ws_parameter::inbox_epoch, ws_parameter::inbox_offset);
  if (!seen || !inbox_seen)
    return turn_away_as_bad((seen ? inbox_seen : seen).error());
  in.since = *std::move(seen);
  in.inbox_since = *std::move(inbox_seen);
  const auto follows = wants_to_follow(request);
  if (!follows)
    return turn_away_as_bad(follows.error());
  in.follows = *follows;
  const auto session =
    session_of(request, split_target({request.target().data(), request.target().size()}).query);
  if (!session)
    return turn_away_as_bad(session.error());
  in.sender = context_.settings.sender_of(*session).value_or(0);
  auto admission = connection_limits().of_user(
    std::move(who.admission), in.who ? in.who->user_id : std::string(), loop_.now());
  if (!admission) {
    metrics().refused.add(refusal_reason::per_user);
    reject_upgrade(who, std::move(in.handshake), close_code::try_again_later,
                   "Too many connections of this user");
    return std::nullopt;
  }
  in.admission = *std::move(admission);
  return in;
}

bool http_server::check_room_left(http_session& who) {
  const bool full = context_.metrics.connections.load(std::memory_order_relaxed) >=
                    context_.live().bounds.connections_max;
  if (!draining() && !full)
    return true;
  metrics().refused.add(draining() ? refusal_reason::draining : refusal_reason::full);
  who.respond(busy_response(draining() ? "The server is draining" : "The server is full"));
  return false;
}

bool http_server::check_origin(http_session& who, const http_request& request,
                               const std::string& handshake) {
  const auto value = [&](http::field name) {
    const auto text = request[name];
    return std::string_view{text.data(), text.size()};
  };
  if (origin_allowed(context_.live().origins, value(http::field::origin), value(http::field::host)))
    return true;
  constexpr std::string_view why = "Origin not allowed";
  if (!charge(who, refusal_reason::origin))
    return false;
  const auto origin = value(http::field::origin);
  log_refused("refused origin", {{"why", origin.empty() ? "no origin" : "not in server.origins"},
                                 {"origin", origin},
                                 {"address", who.client_address().to_string()}});
  if (settings_.origin_reject == rejection::http)
    who.respond(error_response({errc::insufficient_permissions, std::string(why)}));
  else
    reject_upgrade(who, handshake, close_code::policy_violation, why);
  return false;
}

// By `?user=`; or empty.
text_result<std::string> http_server::display_name(const http_request& request) const {
  const auto bytes_max = context_.live().bounds.user_bytes_max;
  auto name = query_parameter(
    split_target({request.target().data(), request.target().size()}).query, ws_parameter::user);
  if (name && !name->empty() && !valid_display_name(*name, bytes_max))
    return fail(bad_display_name(bytes_max));
  return name;
}

// What the client has seen of its room or inbox, by two parameters such as `?epoch=` and
// `?offset=`; or nothing.
text_result<std::optional<position>> http_server::position_seen(const http_request& request,
                                                                std::string_view epoch_key,
                                                                std::string_view offset_key) {
  const auto query = split_target({request.target().data(), request.target().size()}).query;
  auto epoch = query_parameter(query, epoch_key);
  const auto offset = query_parameter(query, offset_key);
  if (!epoch || !offset)
    return fail(!epoch ? std::move(epoch).error() : offset.error());
  if (epoch->empty() != offset->empty())
    return fail('\'' + std::string(epoch_key) + "' and '" + std::string(offset_key) +
                "' belong together");
  position out{*std::move(epoch), 0};
  if (out.epoch.empty())
    return std::optional<position>{};
  if (!parse_number(*offset, out.offset))
    return fail('\'' + std::string(offset_key) + "' must be an integer from 0 on");
  return out;
}

// Whether the client is to be told who is in its room, by `?presence=`.
text_result<bool> http_server::wants_to_follow(const http_request& request) const {
  const auto text = query_parameter(
    split_target({request.target().data(), request.target().size()}).query, ws_parameter::presence);
  if (!text)
    return fail(text.error());
  if (*text == "1" || *text == "true")
    return true;
  if (text->empty() || *text == "0" || *text == "false")
    return false;
  return fail(std::string("'presence' must be 1 or 0"));
}

// A browser would tell its page nothing of a status, and its client would try for ever.
void http_server::turn_away(http_session& who, const http_request& request, const error& told,
                            std::optional<refusal_reason> why) {
  if (!charge(who, why))
    return;
  if (auto handshake = answer_handshake(request))
    reject_upgrade(who, *std::move(handshake), close_code::policy_violation, told.message);
  else
    who.respond(error_response(told));
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
    turn_away(who, request, {errc::bad_request, token.error()}, refusal_reason::bad_request);
    return false;
  }
  if (token->empty() && !settings_.tokens_required)
    return true;
  const auto address = who.client_address().to_string();
  const auto refuse = [&](std::string_view why, std::string_view user, close_code code,
                          std::string_view reason) {
    if (!charge(who, refusal_reason::token))
      return;
    log_refused("refused authentication", {{"why", why}, {"user", user}, {"address", address}});
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
  const auto denied = context_.denied(*bearer);
  if (!denied)
    return true;
  refuse(*denied == denial::token ? "token denied" : "user denied", bearer->user_id,
         close_code::kicked, reason_of(*denied));
  return false;
}

} // namespace troupe
