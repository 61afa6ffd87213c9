#include "server/net/http_server.hpp"

#include "server/net/api.hpp"
#include "server/net/cors.hpp"
#include "server/net/handshake.hpp"
#include "server/net/metrics_page.hpp"
#include "server/net/refusal.hpp"
#include "server/net/socket_connection.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/wire/names.hpp"

namespace troupe {

namespace http = boost::beast::http;

namespace {

/// What a path leads to.
struct destination {
  enum class kind : std::uint8_t { nothing, bad_name, socket, page, api, echo };
  kind what = kind::nothing;
  std::string room; ///< to be in from the start
};

using where = destination::kind;

// `/chat/{id}` and `/room/chat/{id}` are the room `id`; `/room/{type}/{id}` is `type/id`.
destination room_at(const server_context& context, std::string_view type,
                    std::string_view encoded_id) {
  std::string id;
  if (!context.settings.rooms.contains(type))
    return {};
  if (!percent_decode(encoded_id, id))
    return {where::bad_name, {}};
  std::string room = type == default_room_type ? id : std::string(type) + "/" + id;
  if (id.empty() || !valid_name(room))
    return {where::bad_name, {}};
  return {where::socket, std::move(room)};
}

destination destination_of(const server_context& context, std::string_view path) {
  constexpr std::string_view chat = "/chat/", room = "/room/", api = "/api/v1/";
  if (path == "/ws")
    return {where::socket, {}};
  if (path.starts_with(chat))
    return room_at(context, default_room_type, path.substr(chat.size()));
  if (path.starts_with(room)) {
    const auto rest = path.substr(room.size());
    const auto slash = rest.find('/');
    return slash == std::string_view::npos
             ? destination{}
             : room_at(context, rest.substr(0, slash), rest.substr(slash + 1));
  }
  if (path.starts_with(api))
    return {where::api, {}};
  if (path == "/echo")
    return {where::echo, {}};
  return {where::page, {}};
}

} // namespace

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

void http_server::take_request(http_session& from, const http_request& request) {
  const auto [path, query] = split_target({request.target().data(), request.target().size()});
  auto to = destination_of(context_, path);
  switch (to.what) {
  case where::nothing:
    return from.respond(error_response({errc::not_found, "No such path"}));
  case where::bad_name:
    return from.respond(error_response({errc::invalid_name, "Not a valid room name"}));
  case where::socket:
    return upgrade(from, request, std::move(to.room));
  case where::api:
    if (const auto response = preflight_response(context_.live().origins, request))
      return from.respond(*response);
    return call_api({loop_, context_, context_.live().api_keys}, request, path,
                    [who = from.weak_from_this(),
                     more = cors_fields(context_.live().origins, request)](http_response response) {
                      response.fields.insert(response.fields.end(), more.begin(), more.end());
                      if (auto session = who.lock())
                        session->respond(response);
                    });
  case where::echo:
    return settings_.echo ? upgrade_echo(from, request)
                          : from.respond(error_response({errc::not_found, "No such path"}));
  case where::page:
    if (path == "/metrics" && settings_.metrics)
      return respond_with_metrics({loop_, context_, settings_.metrics_key, is_ready()}, request,
                                  [who = from.weak_from_this()](const http_response& response) {
                                    if (auto session = who.lock())
                                      session->respond(response);
                                  });
    return from.respond(page_response(request, path));
  }
}

http_response http_server::page_response(const http_request& request, std::string_view path) const {
  if (path != "/" && path != "/healthz" && path != "/readyz")
    return error_response({errc::not_found, "No such path"});
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    auto response = error_response({errc::bad_request, "Only GET here"}, 405);
    response.fields = {{"Allow", "GET, HEAD"}};
    return response;
  }
  if (path == "/")
    return {200,
            "text/html; charset=utf-8",
            std::string(settings_.page),
            {{"Cache-Control", "no-cache"}, {"X-Content-Type-Options", "nosniff"}}};
  if (path == "/readyz")
    return ready_response();
  return {200, "text/plain; charset=utf-8", "ok\n", {}};
}

bool http_server::is_ready() const {
  const auto& bus = context_.metrics.bus;
  return settings_.ready.load(std::memory_order_relaxed) && !(bus.required.load() && bus.away());
}

http_response http_server::ready_response() const {
  const bool away = context_.metrics.bus.away();
  std::string body = "ok\n";
  if (!settings_.ready.load(std::memory_order_relaxed))
    body = "draining\n";
  else if (!is_ready())
    body = "nats away\n";
  else if (away)
    body = "ok, nats away\n";
  return {is_ready() ? 200u : 503u, "text/plain; charset=utf-8", std::move(body), {}};
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
  const std::string compression = agree_on_deflate(request, settings_.deflate);
  auto handshake = answer_handshake(request, compression);
  if (auto* refusal = std::get_if<http_response>(&handshake)) {
    metrics().refused.add(refusal_reason::bad_request);
    return who.respond(*refusal);
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
  if (!check_origin(who, request, std::get<std::string>(handshake)) || !check_address_limit(who))
    return;
  std::string user =
    query_parameter(split_target({request.target().data(), request.target().size()}).query, "user");
  if (!user.empty() && !valid_user(user, context_.live().bounds.user_bytes_max)) {
    metrics().refused.add(refusal_reason::bad_request);
    return who.respond(error_response({errc::bad_request, "'user' must be a name without control "
                                                          "characters"}));
  }
  identity_ptr bearer;
  if (!authenticate(who, request, std::get<std::string>(handshake), bearer))
    return;
  auto admission = connection_limits().of_user(
    std::move(who.admission), bearer ? bearer->user_id : std::string(), loop_.now());
  if (!admission) {
    metrics().refused.add(refusal_reason::per_user);
    return reject_upgrade(who, std::get<std::string>(std::move(handshake)),
                          close_code::try_again_later, "Too many connections of this user");
  }
  auto [socket, early] = who.become_connection();
  auto connection = spawn_light<socket_connection>(
    loop_.system(), loop_, loop_, context_, outlet_,
    connection::opening{.user = std::move(user),
                        .room = std::move(room),
                        .who = std::move(bearer),
                        .admission = std::move(admission->held),
                        .user_budget = admission->user_budget},
    std::move(socket), std::get<std::string>(std::move(handshake)), std::move(early),
    codec_for(compression));
  connection->open();
  connection->start();
}

} // namespace troupe
