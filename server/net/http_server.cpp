#include "server/net/http_server.hpp"

#include "server/edge/socket_address.hpp"
#include "server/net/echo_connection.hpp"
#include "server/net/refusal.hpp"
#include "server/net/socket_connection.hpp"
#include "troupe/delivery/outlet.hpp"

namespace troupe {

namespace {

// As much of a turn as they may take: other sockets are waiting, too. A handshake takes 0.1 to 1
// ms.
constexpr std::chrono::milliseconds handshakes_a_turn{2};
constexpr std::chrono::milliseconds requests_a_turn{1};

} // namespace

http_server::http_server(io_loop& on, const server_context& context, outlet& its_outlet,
                         const http_settings& settings)
  : loop_(on),
    context_(context),
    outlet_(its_outlet),
    settings_(settings),
    connection_log_(context.settings, settings.trace_user),
    handshake_turns_(on, handshakes_a_turn, &http_session::take_handshake_turn),
    going_on_(on, requests_a_turn, &http_session::go_on) {}

http_server::~http_server() = default;

loop_metrics& http_server::metrics() const {
  return outlet_.metrics();
}

gcra::duration http_server::count_refusal(const http_session& who,
                                          std::optional<refusal_reason> why) {
  const auto wait = settings_.refused_rate->charge(who.client_address(), loop_.now());
  if (wait > gcra::duration::zero())
    why = refusal_reason::refused_rate;
  if (why)
    metrics().refused.add(*why);
  return wait;
}

bool http_server::charge(http_session& who, std::optional<refusal_reason> why) {
  const auto wait = count_refusal(who, why);
  if (wait == gcra::duration::zero())
    return true;
  who.respond_last(too_many_response(wait));
  return false;
}

void http_server::refuse(http_session& who, const http_response& told,
                         std::optional<refusal_reason> why) {
  if (charge(who, why))
    who.respond(told);
}

// One for all connections of the loop that have agreed on compression.
deflate_codec* http_server::codec_for(const std::string& compression) {
  if (compression.empty())
    return nullptr;
  if (!codec_)
    codec_ = std::make_unique<deflate_codec>(settings_.deflate);
  return codec_.get();
}

void http_server::upgrade(http_session& who, const http_request& request, std::string room) {
  auto in = admit(who, request);
  if (!in)
    return;
  const holder_id address = holder_of(who.client_address());
  const auto client = who.client_address();
  auto [socket, early] = who.become_connection();
  const bool proxied = client != peer_address(socket.get());
  auto connection = spawn_light<socket_connection>(
    loop_.system(), loop_, loop_, context_, outlet_,
    connection::opening{.user = std::move(in->user),
                        .room = std::move(room),
                        .since = std::move(in->since),
                        .inbox_since = std::move(in->inbox_since),
                        .follows = in->follows,
                        .who = std::move(in->who),
                        .sender = in->sender,
                        .admission = std::move(in->admission),
                        .proxied_for = proxied ? client : client_address{},
                        .address = address},
    std::move(socket), std::move(in->handshake), std::move(early), codec_for(in->compression));
  connection_log_.coming_from(client);
  connection->open();
  connection->start();
}

void http_server::upgrade_echo(http_session& who, const http_request& request) {
  auto in = admit(who, request);
  if (!in)
    return;
  auto [socket, early] = who.become_connection();
  auto echo = std::make_shared<echo_connection>(*this, std::move(socket), std::move(in->handshake),
                                                std::move(early), std::move(in->admission.held),
                                                codec_for(in->compression));
  echoes_.emplace(echo.get(), echo);
  echo->start();
}

} // namespace troupe
