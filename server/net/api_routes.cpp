#include "server/net/api_routes.hpp"

#include "server/net/call_parts.hpp"
#include "server/net/idempotency_key.hpp"
#include "server/net/routes.hpp"
#include "server/text/url.hpp"
#include "troupe/json/utf8.hpp"
#include "troupe/wire/names.hpp"
#include "troupe/wire/request_fields.hpp"

#include <vector>

namespace troupe {

namespace http = boost::beast::http;

namespace {

template <class In>
api_request read_publish(const call_parts<In>& call) {
  In& in = call.in;
  post out{.kind = audience_kind::topic};
  std::string_view data;
  in.required_name("topic", out.name);
  in.event(out.event);
  read_msg_id(call, out.msg_id);
  out.options = read_service_options(in);
  if (!in.any("data", data))
    in.fail(errc::bad_request, "'data' is required");
  out.content = data;
  return out;
}

bool read_content(request_fields& in, std::string_view& out) {
  return in.any("message", out) || in.any("content", out);
}

bool read_content(field_notes& in, std::string_view& out) {
  in.any("message", out);
  in.any("content", out);
  in.choose(field_choice::rule::at_least_one, {"message", "content"});
  return true;
}

template <class In>
api_request read_say(const call_parts<In>& call) {
  In& in = call.in;
  post out{.kind = audience_kind::room, .name = room_name(call)};
  std::string_view content;
  in.user(out.user);
  read_msg_id(call, out.msg_id);
  out.options = read_service_options(in);
  if (out.user.empty())
    out.user = "server";
  if (!read_content(in, content))
    in.fail(errc::bad_request, "'message' is required");
  out.content = content;
  return out;
}

api_request command(admin::command what) {
  return what;
}

template <class In>
api_request history_page(const call_parts<In>& call, audience_kind kind, std::string name) {
  const auto limit = number_parameter(call, "limit", 1, call.bounds.history_page_max);
  const auto before = number_parameter(call, "before", 0, UINT64_MAX);
  const auto after = number_parameter(call, "after", 0, UINT64_MAX);
  history_question out{.kind = kind};
  if constexpr (reads<In>)
    out = read_history_question(call.in, call.bounds, kind, std::move(name), limit, before, after);
  return command(admin::show_history{std::move(out)});
}

// All of it, or what one user has said. A slip such as `?user_id=` or `?user=bob` must not mean
// all.
template <class In>
api_request forget(const call_parts<In>& call, audience_kind kind, std::string name) {
  admin::forget_history out{kind, std::move(name), parameter(call, "user_id")};
  if constexpr (reads<In>)
    if (!call.query.empty() && !valid_user_id(out.user, call.bounds.user_bytes_max))
      call.in.fail(errc::bad_request,
                   "'user_id' must be the id of a user; without a query everything is deleted");
  return command(std::move(out));
}

template <class In>
api_request presence_page(const call_parts<In>& call, audience_kind kind, std::string name) {
  auto after = parameter(call, "after");
  const auto limit = number_parameter(call, "limit", 1, limits::presence_page_max);
  presence_question out{.kind = kind};
  if constexpr (reads<In>)
    out = read_presence_question(call.in, kind, std::move(name), std::move(after), limit);
  return command(admin::show_presence{std::move(out)});
}

using body = call_body;
using repeated = call_repeated;

// A lambda that takes both.
struct call_reader {
  template <class Read>
  constexpr call_reader(Read given) : read(given),
                                      note(given) {} // NOLINT: meant to be implicit

  api_request (*read)(const reading&);
  api_request (*note)(const noting&);
};

struct api_route {
  std::string_view pattern;
  methods allowed;
  call_reader reader;
  body takes_body = body::needed; ///< of POST
  repeated when_repeated = repeated::does_no_harm;
};

using target = admin::send::target;

constexpr api_route routes[] = {
  {"/api/v1/publish", methods::post, [](const auto& call) { return read_publish(call); },
   body::needed, repeated::is_known},
  {"/api/v1/rooms/{id}/message", methods::post, [](const auto& call) { return read_say(call); },
   body::needed, repeated::is_known},
  {"/api/v1/rooms/{id}/kick", methods::post,
   [](const auto& call) { return command(admin::read_kick_from_room(call.in, room_name(call))); }},
  {"/api/v1/rooms/{id}/mute", methods::post,
   [](const auto& call) { return command(admin::read_mute(call.in, room_name(call))); }},
  {"/api/v1/rooms/{id}/close", methods::post,
   [](const auto& call) { return command(admin::read_close_room(call.in, room_name(call))); },
   body::may_be_empty},
  {"/api/v1/announce", methods::post,
   [](const auto& call) { return command(admin::read_announce(call.in, call.bounds)); },
   body::needed, repeated::counts_again},
  {"/api/v1/users/{id}/send", methods::post,
   [](const auto& call) {
     return command(admin::read_send(call.in, target::user, varying_text(call)));
   },
   body::needed, repeated::counts_again},
  {"/api/v1/roles/{role}/send", methods::post,
   [](const auto& call) {
     return command(admin::read_send(call.in, target::role, varying_text(call)));
   },
   body::needed, repeated::counts_again},
  {"/api/v1/users/{id}/disconnect", methods::post,
   [](const auto& call) { return command(admin::read_kick(call.in, varying_text(call))); },
   body::may_be_empty},
  {"/api/v1/drain", methods::post, [](const auto&) { return api_request{drain_request{}}; },
   body::ignored},
  {"/api/v1/tokens/deny", methods::post,
   [](const auto& call) { return command(admin::read_deny_token(call.in)); }},
  {"/api/v1/bans", methods::post,
   [](const auto& call) { return command(admin::read_ban(call.in)); }},
  {"/api/v1/bans", methods::get,
   [](const auto& call) { return command(admin::list_bans{page_of(call)}); }},
  {"/api/v1/bans/{address}", methods::del,
   [](const auto& call) { return command(admin::lift_ban{varying_block(call)}); }},
  {"/api/v1/rooms", methods::get,
   [](const auto& call) { return command(admin::list_rooms{page_of(call)}); }},
  {"/api/v1/rooms/{id}/presence", methods::get,
   [](const auto& call) { return presence_page(call, audience_kind::room, room_name(call)); }},
  {"/api/v1/rooms/{id}/history", methods::get,
   [](const auto& call) { return history_page(call, audience_kind::room, room_name(call)); }},
  {"/api/v1/rooms/{id}/history", methods::del,
   [](const auto& call) { return forget(call, audience_kind::room, room_name(call)); }},
  {"/api/v1/topics/{topic}/presence", methods::get,
   [](const auto& call) { return presence_page(call, audience_kind::topic, topic_name(call)); }},
  {"/api/v1/topics/{topic}/history", methods::get,
   [](const auto& call) { return history_page(call, audience_kind::topic, topic_name(call)); }},
  {"/api/v1/topics/{topic}/history", methods::del,
   [](const auto& call) { return forget(call, audience_kind::topic, topic_name(call)); }},
  {"/api/v1/connections", methods::get,
   [](const auto& call) { return command(admin::list_users{page_of(call)}); }},
  {"/api/v1/topics", methods::get,
   [](const auto& call) { return command(admin::list_topics{page_of(call)}); }},
  // After all that goes on behind the open part.
  {"/api/v1/rooms/{id}", methods::get,
   [](const auto& call) { return command(admin::show_room{room_name(call)}); }},
  {"/api/v1/topics/{topic}", methods::get,
   [](const auto& call) { return command(admin::show_topic{topic_name(call)}); }},
  {"/api/v1/connections/{id}", methods::get,
   [](const auto& call) { return command(admin::show_connection{varying_text(call)}); }},
  {"/api/v1/users/{id}", methods::get,
   [](const auto& call) {
     return command(admin::show_user{varying_text(call), page_of(call)});
   }},
  {"/api/v1/stats", methods::get, [](const auto&) { return command(admin::stats{}); }},
};

result<api_request, http_response> read_call(const api_route& route, std::string_view varying,
                                             std::string_view query, std::string_view text,
                                             std::string_view key, const limits& bounds) {
  if (!key.empty() && route.when_repeated == repeated::counts_again)
    return fail(error_response(
      {errc::bad_request, "'Idempotency-Key' is for messages in rooms and on topics: this call "
                          "would be carried out again"}));
  if (route.allowed == methods::del && !text.empty())
    return fail(error_response({errc::bad_request, "A DELETE takes no body"}));
  std::vector<json_member> members;
  const bool has_body = route.allowed == methods::post && route.takes_body != body::ignored &&
                        !(route.takes_body == body::may_be_empty && text.empty());
  if (has_body) {
    if (!valid_utf8(text))
      return fail(error_response({errc::bad_json, "Not a JSON object: invalid UTF-8"}));
    if (const auto broken = scan_object(text, bounds.json_depth_max, members))
      return fail(error_response(error_of(*broken)));
  }
  request_fields in(members, bounds);
  api_request out = route.reader.read({in, bounds, varying, query, key});
  if (in.failed())
    return fail(error_response(std::move(in).error()));
  return out;
}

// The first that fits, or null. What is open at the end of a pattern may have a slash in it, but
// does not take a wrong path for a wrong method.
const std::string_view* pattern_of(std::string_view path, http::verb method,
                                   std::string_view& varying) {
  for (const auto& each : routes) {
    if (!fits(each.pattern, path, varying))
      continue;
    const bool perhaps = each.pattern.ends_with('}') && varying.find('/') != std::string_view::npos;
    if (!perhaps || takes(each.allowed, method))
      return &each.pattern;
  }
  return nullptr;
}

} // namespace

std::vector<known_path> api_paths() {
  std::vector<known_path> out;
  for (const auto& each : routes)
    out.push_back({each.pattern, each.allowed});
  return out;
}

std::vector<noted_call> noted_calls(const limits& bounds) {
  std::vector<noted_call> out;
  for (const auto& each : routes) {
    field_notes fields(bounds);
    auto asks = each.reader.note({fields, bounds, {}, {}, {}});
    const bool has_body = each.allowed == methods::post && each.takes_body != body::ignored;
    out.push_back({each.pattern, each.allowed, has_body ? each.takes_body : body::ignored,
                   each.when_repeated, std::move(fields), std::move(asks)});
  }
  return out;
}

result<api_request, http_response> read_api_request(const http_request& request,
                                                    std::string_view path, const limits& bounds) {
  std::string_view varying;
  const auto* const pattern = pattern_of(path, request.method(), varying);
  if (!pattern)
    return fail(
      error_response(no_such_path_but(nearest_path(path, request.method(), api_paths()))));
  std::vector<methods> allowed;
  const api_route* route = nullptr;
  for (const auto& each : routes)
    if (each.pattern == *pattern) {
      allowed.push_back(each.allowed);
      if (takes(each.allowed, request.method()))
        route = &each;
    }
  if (!route)
    return fail(wrong_method(allowed));
  const auto query = split_target({request.target().data(), request.target().size()}).query;
  const auto key = idempotency_key(request, bounds);
  if (!key)
    return fail(error_response(key.error()));
  return read_call(*route, varying, query, request.body(), *key, bounds);
}

} // namespace troupe
