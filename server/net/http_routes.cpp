// What an HTTP server answers to which path, and the short answers themselves.
#include "server/net/api.hpp"
#include "server/net/cors.hpp"
#include "server/net/http_server.hpp"
#include "server/net/metrics_page.hpp"
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
};

const http_server::route http_server::routes[] = {
  {"/ws", methods::get, [](http_server& on, const call& c) { on.upgrade(c.from, c.request, {}); }},
  {"/chat/*", methods::get,
   [](http_server& on, const call& c) { on.enter_room(c, default_room_type, c.open); }},
  {"/room/*", methods::get,
   [](http_server& on, const call& c) {
     const auto slash = c.open.find('/');
     if (slash == std::string_view::npos)
       return on.refuse(c.from, no_such_path());
     on.enter_room(c, c.open.substr(0, slash), c.open.substr(slash + 1));
   }},
  {"/echo", methods::get,
   [](http_server& on, const call& c) { on.upgrade_echo(c.from, c.request); },
   &http_settings::echo},
  {"/api/v1/*", methods::any, [](http_server& on, const call& c) { on.answer_api(c); }},
  {"/", methods::get, [](http_server& on, const call& c) { on.answer_page(c); }},
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
  const auto path = split_target({request.target().data(), request.target().size()}).path;
  if (path == "*") // about the server as a whole
    return from.respond(
      {.status = 204, .body = {}, .fields = {{"Allow", "GET, HEAD, POST, OPTIONS"}}});
  std::string_view open;
  const route* const to = find_route<route>(routes, path, open);
  if (!to || (to->when && !(settings_.*to->when)))
    return refuse(from, no_such_path());
  if (!takes(to->allowed, request.method()))
    return refuse(from, wrong_method(to->allowed));
  to->answer(*this, {from, request, path, open});
}

// `/chat/{id}` and `/room/chat/{id}` are the room `id`; `/room/{type}/{id}` is `type/id`.
void http_server::enter_room(const call& c, std::string_view type, std::string_view encoded_id) {
  if (!context_.settings.rooms.contains(type))
    return refuse(c.from, no_such_path());
  std::string id;
  const bool decoded = percent_decode(encoded_id, id);
  std::string room = type == default_room_type ? id : std::string(type) + "/" + id;
  if (!decoded || id.empty() || !valid_name(room))
    return refuse(c.from, error_response({errc::invalid_name, "Not a valid room name"}));
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
    if (!refused.why.empty())
      context_.observers.audit("refused api call", refused.who, refused.why);
    return c.from.respond(refused.told);
  }
  call_api(loop_, context_, *std::move(caller), c.request, c.path,
           [who = c.from.weak_from_this()](const http_response& response) {
             if (auto session = who.lock())
               session->respond(response);
           });
}

void http_server::answer_page(const call& c) {
  c.from.respond({200,
                  "text/html; charset=utf-8",
                  std::string(settings_.page),
                  {{"Cache-Control", "no-cache"}, {"X-Content-Type-Options", "nosniff"}}});
}

void http_server::answer_metrics(const call& c) {
  if (settings_.metrics_key.empty()) {
    if (!charge(c.from)) // each loop looks at all its connections
      return;
  } else if (!brings_key(c.request, settings_.metrics_key)) {
    auto refused =
      error_response({errc::insufficient_permissions, "The metrics key is needed"}, 401);
    refused.fields = {{"WWW-Authenticate", "Bearer"}};
    return refuse(c.from, refused);
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
