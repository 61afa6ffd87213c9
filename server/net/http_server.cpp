#include "server/net/http_server.hpp"

#include "server/net/handshake.hpp"
#include "server/net/refusal.hpp"
#include "server/net/socket_connection.hpp"
#include "server/text/url.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/wire/names.hpp"

namespace troupe {

http_server::http_server(io_loop& on, const server_context& context, outlet& its_outlet,
                         const http_settings& settings)
  : loop_(on),
    context_(context),
    outlet_(its_outlet),
    settings_(settings) {}

http_server::~http_server() = default;

loop_metrics& http_server::metrics() const {
  return outlet_.metrics();
}

// One for all connections of the loop that have agreed on compression.
deflate_codec* http_server::codec_for(const std::string& compression) {
  if (compression.empty())
    return nullptr;
  if (!codec_)
    codec_ = std::make_unique<deflate_codec>(settings_.deflate);
  return codec_.get();
}

// By `?user=`; or empty.
text_result<std::string> http_server::display_name(const http_request& request) const {
  const auto bytes_max = context_.live().bounds.user_bytes_max;
  auto name =
    query_parameter(split_target({request.target().data(), request.target().size()}).query, "user");
  if (name && !name->empty() && !valid_display_name(*name, bytes_max))
    return fail(bad_display_name(bytes_max));
  return name;
}

void http_server::refuse_bad_request(http_session& who, std::string why) {
  metrics().refused.add(refusal_reason::bad_request);
  who.respond(error_response({errc::bad_request, std::move(why)}));
}

void http_server::upgrade(http_session& who, const http_request& request, std::string room) {
  const std::string compression = agree_on_deflate(request, settings_.deflate);
  auto handshake = answer_handshake(request, compression);
  if (!handshake) {
    metrics().refused.add(refusal_reason::bad_request);
    return who.respond(handshake.error());
  }
  if (!settings_.ready.load(std::memory_order_relaxed)) {
    metrics().refused.add(refusal_reason::draining);
    auto response = error_response({errc::unavailable, "The server is draining"});
    response.fields = {{"Retry-After", "5"}};
    return who.respond(response);
  }
  if (context_.metrics.connections.load(std::memory_order_relaxed) >=
      context_.live().bounds.connections_max) {
    auto response = error_response({errc::unavailable, "The server is full"});
    response.fields = {{"Retry-After", "5"}};
    metrics().refused.add(refusal_reason::full);
    return who.respond(response);
  }
  if (!check_origin(who, request, *handshake) || !check_address_limit(who))
    return;
  auto user = display_name(request);
  if (!user)
    return refuse_bad_request(who, std::move(user).error());
  identity_ptr bearer;
  if (!authenticate(who, request, *handshake, bearer))
    return;
  auto admission = connection_limits().of_user(
    std::move(who.admission), bearer ? bearer->user_id : std::string(), loop_.now());
  if (!admission) {
    metrics().refused.add(refusal_reason::per_user);
    return reject_upgrade(who, *std::move(handshake), close_code::try_again_later,
                          "Too many connections of this user");
  }
  auto [socket, early] = who.become_connection();
  auto connection = spawn_light<socket_connection>(
    loop_.system(), loop_, loop_, context_, outlet_,
    connection::opening{.user = *std::move(user),
                        .room = std::move(room),
                        .who = std::move(bearer),
                        .admission = *std::move(admission)},
    std::move(socket), *std::move(handshake), std::move(early), codec_for(compression));
  connection->open();
  connection->start();
}

} // namespace troupe
