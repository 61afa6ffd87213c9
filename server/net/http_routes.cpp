// What an HTTP server answers to which path, and the short answers themselves.
#include "server/log/audit.hpp"
#include "server/net/api.hpp"
#include "server/net/api_routes.hpp"
#include "server/net/cors.hpp"
#include "server/net/credentials.hpp"
#include "server/net/http_server.hpp"
#include "server/net/list_fields.hpp"
#include "server/net/metrics_page.hpp"
#include "server/net/nearest_path.hpp"
#include "server/net/refusal.hpp"
#include "server/net/routes.hpp"
#include "server/text/url.hpp"
#include "troupe/wire/names.hpp"

namespace troupe {

struct http_server::call {
  http_session& from;
  const http_request& request;
  std::string_view path;
  std::string_view open; ///< what came where the route's pattern is open
};

struct http_server::route {
  std::string_view pattern;
  methods allowed;
  void (*answer)(http_server&, const call&);
  bool http_settings::*when = nullptr; ///< it is there if this is set
  std::string_view shown{};            ///< what the pattern is called, if that says too little
};

const http_server::route http_server::routes[] = {
  {"/ws", methods::get, [](http_server& on, const call& c) { on.upgrade(c.from, c.request, {}); }},
  {"/chat/*", methods::get,
   [](http_server& on, const call& c) { on.enter_room(c, default_room_type, c.open); }, nullptr,
   "/chat/{room}"},
  {"/room/*", methods::get,
   [](http_server& on, const call& c) {
     const auto slash = c.open.find('/');
     if (slash == std::string_view::npos)
       return on.turn_away(c.from, c.request, on.wrong_path(c.request, c.path));
     on.enter_room(c, c.open.substr(0, slash), c.open.substr(slash + 1));
   },
   nullptr, "/room/{type}/{room}"},
  {"/echo", methods::get,
   [](http_server& on, const call& c) { on.upgrade_echo(c.from, c.request); },
   &http_settings::echo},
  {"/api/v1/*", methods::any, [](http_server& on, const call& c) { on.answer_api(c); }},
  {"/", methods::get,
   [](http_server& on, const call& c) {
     if (asks_for_websocket(c.request))
       return on.upgrade(c.from, c.request, {});
     c.from.respond(file_response(on.settings_.page, c.request));
   }},
  {"/troupe-client.js", methods::get,
   [](http_server& on, const call& c) {
     c.from.respond(file_response(on.settings_.client, c.request));
   }},
  {"/healthz", methods::get,
   [](http_server&, const call& c) {
     c.from.respond({200, "text/plain; charset=utf-8", "ok\n", {}});
   }},
  {"/readyz", methods::get,
   [](http_server& on, const call& c) { c.from.respond(on.ready_response()); }},
  {"/metrics", methods::get, [](http_server& on, const call& c) { on.answer_metrics(c); },
   &http_settings::metrics},
};

void http_server::take_request(http_session& from, const http_request& request) {
  if (context_.banned(from.client_address())) {
    metrics().refused.add(refusal_reason::banned);
    return from.respond(banned_response());
  }
  const auto path = split_target({request.target().data(), request.target().size()}).path;
  if (path == "*") // about the server as a whole
    return from.respond(
      {.status = 204, .body = {}, .fields = {{"Allow", "GET, HEAD, POST, DELETE, OPTIONS"}}});
  std::string_view open;
  const route* const to = find_route<route>(routes, path, open);
  if (!to || !is_there(*to))
    return turn_away(from, request, wrong_path(request, path));
  if (!takes(to->allowed, request.method()))
    return refuse(from, wrong_method(to->allowed));
  to->answer(*this, {from, request, path, open});
}

std::vector<known_path> http_server::paths() {
  std::vector<known_path> out;
  for (const auto& each : routes)
    if (each.allowed != methods::any)
      out.push_back({each.shown.empty() ? each.pattern : each.shown, each.allowed});
  return out;
}

bool http_server::is_there(const route& to) const {
  return !to.when || settings_.*to.when;
}

// Says what is near. Who wants a WebSocket is told where they are, whatever the path is called.
error http_server::wrong_path(const http_request& request, std::string_view path) const {
  std::vector<known_path> known;
  for (const auto& each : routes)
    if (is_there(each) && each.allowed != methods::any && each.pattern != "/")
      known.push_back({each.shown.empty() ? each.pattern : each.shown, each.allowed});
  const auto api = api_paths();
  known.insert(known.end(), api.begin(), api.end());
  const auto nearest = nearest_path(path, request.method(), known);
  if (nearest.empty() && (asks_for_websocket(request) || sounds_like_websockets(path)))
    return no_such_path("WebSockets are at /ws, /chat/{room} and /room/{type}/{room}");
  return no_such_path_but(nearest);
}

// `/chat/{id}` and `/room/chat/{id}` are the room `id`; `/room/{type}/{id}` is `type/id`.
void http_server::enter_room(const call& c, std::string_view type, std::string_view encoded_id) {
  const auto& types = context_.settings.rooms;
  if (!types.contains(type)) {
    std::string there = "rooms are of these types:";
    for (const auto& [name, make] : types)
      there.append(" ").append(name);
    return turn_away(c.from, c.request, no_such_path(there));
  }
  std::string id;
  const bool decoded = percent_decode(encoded_id, id);
  std::string room = type == default_room_type ? id : std::string(type) + "/" + id;
  if (!decoded || id.empty() || !valid_name(room))
    return turn_away(c.from, c.request, {errc::invalid_name, "Not a valid room name"});
  upgrade(c.from, c.request, std::move(room));
}

void http_server::answer_api(const call& c) {
  const auto& live = context_.live();
  if (const auto response = preflight_response(live.origins, c.request))
    return response->status < 400 ? c.from.respond(*response) : refuse(c.from, *response);
  auto caller = caller_of(context_, live.api_keys, c.request);
  if (!caller) {
    const auto& refused = caller.error();
    if (!charge(c.from))
      return;
    log_refused("refused api call", {{"why", refused.why},
                                     {"user", refused.who},
                                     {"address", c.from.client_address().to_string()}});
    return c.from.respond(refused.told);
  }
  call_api(loop_, context_, *std::move(caller), c.request, c.path,
           [who = c.from.weak_from_this()](const http_response& response) {
             if (auto session = who.lock())
               session->respond(response);
           });
}

void http_server::answer_metrics(const call& c) {
  if (settings_.metrics_key.empty()) {
    if (!charge(c.from)) // each loop looks at all its connections
      return;
  } else if (!brings_key(c.request, settings_.metrics_key)) {
    if (!charge(c.from))
      return;
    log_refused("refused metrics",
                {{"why", bearer_of(c.request).empty() ? "no key" : "not the key"},
                 {"address", c.from.client_address().to_string()}});
    auto refused = error_response({errc::insufficient_permissions, bearer_of(c.request).empty()
                                                                     ? "The metrics key is needed"
                                                                     : "Not the metrics key"},
                                  401);
    refused.fields = {{"WWW-Authenticate", "Bearer"}};
    return c.from.respond(refused);
  }
  respond_with_metrics(loop_, context_, is_ready(),
                       [who = c.from.weak_from_this()](const http_response& response) {
                         if (auto session = who.lock())
                           session->respond(response);
                       });
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

} // namespace troupe
