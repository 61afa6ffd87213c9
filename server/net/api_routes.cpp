#include "server/net/api_routes.hpp"

#include "troupe/json/utf8.hpp"
#include "troupe/wire/names.hpp"
#include "troupe/wire/request_fields.hpp"

#include <vector>

namespace troupe {

namespace http = boost::beast::http;

namespace {

struct call_parts {
  request_fields& in;
  const limits& bounds;
  std::string_view varying; ///< the part of the path that varies, still percent-encoded
  std::string_view query;
};

std::string room_name(const call_parts& call) {
  std::string name;
  if (!percent_decode(call.varying, name) || !valid_name(name))
    call.in.fail(errc::invalid_name, "Not a valid room name");
  return name;
}

// The id of a user, or a role: anything that a token may say.
std::string varying_text(const call_parts& call) {
  std::string text;
  if (!percent_decode(call.varying, text) || !valid_utf8(text) || text.size() > admin::id_bytes_max)
    call.in.fail(errc::invalid_name, "Not a valid user or role");
  return text;
}

admin::page page_of(const call_parts& call) {
  return admin::read_page(call.in, query_parameter(call.query, "after"),
                          query_parameter(call.query, "limit"));
}

api_request read_publish(const call_parts& call) {
  request_fields& in = call.in;
  post out{.kind = audience_kind::topic};
  std::string_view data;
  in.required_name("topic", out.name);
  in.event(out.event);
  in.string("msg_id", call.bounds.id_bytes_max, out.msg_id);
  if (!in.any("data", data))
    in.fail(errc::bad_request, "'data' is required");
  out.content = data;
  return out;
}

api_request read_say(const call_parts& call) {
  request_fields& in = call.in;
  post out{.kind = audience_kind::room, .name = room_name(call)};
  std::string_view content;
  in.user(out.user);
  if (out.user.empty())
    out.user = "server";
  if (!in.any("message", content) && !in.any("content", content))
    in.fail(errc::bad_request, "'message' is required");
  out.content = content;
  return out;
}

api_request command(admin::command what) {
  return what;
}

struct api_route {
  http::verb method;
  std::string_view prefix;
  std::string_view suffix; ///< behind the part that varies, if any
  api_request (*read)(const call_parts&);
  bool may_be_empty = false; ///< the body
};

constexpr auto on_get = http::verb::get, on_post = http::verb::post;
using target = admin::send::target;

constexpr api_route routes[] = {
  {on_post, "/api/v1/publish", "", read_publish},
  {on_post, "/api/v1/rooms/", "/message", read_say},
  {on_post, "/api/v1/announce", "",
   [](const call_parts& call) { return command(admin::read_announce(call.in, call.bounds)); }},
  {on_post, "/api/v1/users/", "/send",
   [](const call_parts& call) {
     return command(admin::read_send(call.in, target::user, varying_text(call)));
   }},
  {on_post, "/api/v1/roles/", "/send",
   [](const call_parts& call) {
     return command(admin::read_send(call.in, target::role, varying_text(call)));
   }},
  {on_post, "/api/v1/users/", "/disconnect",
   [](const call_parts& call) { return command(admin::read_kick(call.in, varying_text(call))); },
   true},
  {on_post, "/api/v1/tokens/deny", "",
   [](const call_parts& call) { return command(admin::read_deny_token(call.in)); }},
  {on_get, "/api/v1/rooms", "",
   [](const call_parts& call) { return command(admin::list_rooms{page_of(call)}); }},
  {on_get, "/api/v1/rooms/", "/presence",
   [](const call_parts& call) {
     return command(admin::list_members{room_name(call), page_of(call)});
   }},
  {on_get, "/api/v1/connections", "",
   [](const call_parts& call) { return command(admin::list_users{page_of(call)}); }},
  {on_get, "/api/v1/stats", "", [](const call_parts&) { return command(admin::stats{}); }},
};

// The part of `path` that varies; false when the route is another.
bool matches(const api_route& route, std::string_view path, std::string_view& varying) {
  if (route.suffix.empty())
    return path == route.prefix;
  if (!path.starts_with(route.prefix) || !path.ends_with(route.suffix) ||
      path.size() <= route.prefix.size() + route.suffix.size())
    return false;
  varying =
    path.substr(route.prefix.size(), path.size() - route.prefix.size() - route.suffix.size());
  return true;
}

http_response wrong_method(const api_route& route) {
  const std::string allowed = route.method == on_get ? "GET" : "POST";
  auto refused = error_response({errc::bad_request, "Only " + allowed + " here"}, 405);
  refused.fields = {{"Allow", allowed}};
  return refused;
}

std::variant<api_request, http_response> read_call(const api_route& route, std::string_view varying,
                                                   std::string_view query, std::string_view body,
                                                   const limits& bounds) {
  std::vector<json_member> members;
  if (route.method == on_post && !(body.empty() && route.may_be_empty)) {
    if (!valid_utf8(body))
      return error_response({errc::bad_json, "Not a JSON object: invalid UTF-8"});
    if (auto wrong = scan_object(body, bounds.json_depth_max, members))
      return error_response(error_of(*wrong));
  }
  request_fields in(members, bounds);
  api_request out = route.read({in, bounds, varying, query});
  if (in.failed())
    return error_response(std::move(in).error());
  return out;
}

} // namespace

std::variant<api_request, http_response>
read_api_request(const http_request& request, std::string_view path, const limits& bounds) {
  for (const auto& route : routes) {
    std::string_view varying;
    if (!matches(route, path, varying))
      continue;
    if (request.method() != route.method)
      return wrong_method(route);
    const auto query = split_target({request.target().data(), request.target().size()}).query;
    return read_call(route, varying, query, request.body(), bounds);
  }
  return error_response({errc::not_found, "No such path"});
}

} // namespace troupe
