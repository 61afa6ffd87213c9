#include "troupe/wire/client_frames.hpp"

#include "troupe/wire/names.hpp"
#include "troupe/wire/request_fields.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

using body = decltype(client_frame::body);

bool asks_for_presence(const request_fields& in) {
  const json_slice* value = in.find("presence");
  return value && value->raw() == "true";
}

body read_subscribe(request_fields& in, const limits&) {
  client::subscribe out;
  in.topics(out.topics, out.by_channel);
  in.positions("recover", out.recover);
  in.flag("presence", out.presence);
  for (const auto& [name, at] : out.recover)
    if (std::find(out.topics.begin(), out.topics.end(), name) == out.topics.end())
      in.fail(errc::bad_request, "'recover." + name + "' is none of the topics");
  if (std::any_of(out.topics.begin(), out.topics.end(), has_wildcard) && asks_for_presence(in))
    in.fail(errc::bad_request, "'presence' is not told of what is heard by a pattern");
  return out;
}

body read_unsubscribe(request_fields& in, const limits&) {
  client::unsubscribe out;
  in.topics(out.topics, out.by_channel);
  return out;
}

body read_join(request_fields& in, const limits&) {
  client::join out;
  in.required_name("room", out.room);
  in.user(out.user);
  if (position seen; in.position("recover", seen))
    out.recover = std::move(seen);
  in.flag("presence", out.presence);
  return out;
}

body read_set_presence(request_fields& in, const limits& bounds) {
  client::set_presence out;
  in.audience(out.kind, out.name);
  const json_slice* const state = in.find("state");
  if (!state || (state->kind != json_kind::object && state->kind != json_kind::null))
    in.fail(errc::bad_request, "'state' must be an object or null");
  else if (state->text.size() > bounds.presence_state_bytes_max)
    in.fail(errc::limit_exceeded, "'state' must be at most " +
                                    std::to_string(bounds.presence_state_bytes_max) + " bytes");
  else if (state->kind == json_kind::object)
    out.state = state->raw();
  return out;
}

body read_leave(request_fields& in, const limits&) {
  client::leave out;
  in.required_name("room", out.room);
  return out;
}

body read_message(request_fields& in, const limits& bounds) {
  client::message out;
  in.name("room", out.room);
  in.user(out.user);
  in.string("msg_id", bounds.id_bytes_max, out.msg_id);
  if (!in.any("message", out.content) && !in.any("content", out.content))
    in.fail(errc::bad_request, "'message' is required");
  out.to_topic = in.find("topic") != nullptr;
  out.options = read_delivery_options(in);
  return out;
}

body read_publish(request_fields& in, const limits& bounds) {
  client::publish out;
  in.required_name("topic", out.topic);
  in.event(out.event);
  if (!free_for_clients(out.event))
    in.fail(errc::bad_request, "'event' is a type that only services may send");
  in.string("msg_id", bounds.id_bytes_max, out.msg_id);
  if (!in.any("data", out.data))
    in.fail(errc::bad_request, "'data' is required");
  out.options = read_delivery_options(in);
  return out;
}

body read_signal(request_fields& in, const limits&) {
  client::signal out;
  in.name("room", out.name);
  if (std::string topic; in.name("topic", topic)) {
    if (!out.name.empty())
      in.fail(errc::bad_request, "Only one of 'room' and 'topic' may be there");
    out.kind = audience_kind::topic;
    out.name = std::move(topic);
  }
  in.user(out.user);
  if (!in.any("data", out.data))
    in.fail(errc::bad_request, "'data' is required");
  return out;
}

body read_refresh(request_fields& in, const limits&) {
  constexpr std::size_t token_bytes_max = 8 * 1024;
  client::refresh out;
  in.required_string("token", token_bytes_max, out.token);
  return out;
}

body read_admin_command(request_fields& in, const limits& bounds) {
  request_fields own = in; // what is wrong with it stays here
  client::admin_command out{admin::read_command(own, bounds)};
  if (own.failed())
    out.what = fail(std::move(own).error());
  return out;
}

// They become a part of a subject on the bus, so nothing else gets through.
void read_rpc_name(request_fields& in, std::string_view key, std::string& out) {
  in.required_string(key, SIZE_MAX, out);
  if (!valid_rpc_name(out))
    in.fail(errc::invalid_name, "'" + std::string(key) + "' must be 1 to 64 of A-Z a-z 0-9 _ -");
}

body read_rpc(request_fields& in, const limits&) {
  client::rpc out;
  read_rpc_name(in, "service", out.service);
  read_rpc_name(in, "method", out.method);
  const json_slice* params = in.find("params");
  if (!params || params->kind == json_kind::null)
    out.params = "{}";
  else if (params->kind == json_kind::object)
    out.params = params->raw();
  else
    in.fail(errc::bad_request, "'params' must be an object");
  return out;
}

struct frame_type {
  std::string_view name;
  body (*read)(request_fields&, const limits&);
};

constexpr std::array frame_types{
  frame_type{"message", read_message},
  frame_type{"publish", read_publish},
  frame_type{"signal", read_signal},
  frame_type{"pong", [](request_fields&, const limits&) -> body { return client::pong{}; }},
  frame_type{"ping", [](request_fields&, const limits&) -> body { return client::ping{}; }},
  frame_type{"subscribe", read_subscribe},
  frame_type{"unsubscribe", read_unsubscribe},
  frame_type{"join", read_join},
  frame_type{"leave", read_leave},
  frame_type{"refresh", read_refresh},
  frame_type{"admin_command", read_admin_command},
  frame_type{"rpc", read_rpc},
  frame_type{"history",
             [](request_fields& in, const limits& bounds) -> body {
               return client::history{read_history_question(in, bounds)};
             }},
  frame_type{"presence",
             [](request_fields& in, const limits&) -> body {
               return client::presence{read_presence_question(in)};
             }},
  frame_type{"set_presence", read_set_presence},
};

// The `id`, when it is one that an answer can carry.
bool read_id(request_fields& in, const limits& bounds, request_id& out) {
  const json_slice* id = in.find("id");
  if (!id || id->kind == json_kind::null)
    return true;
  const bool integer =
    id->kind == json_kind::number && id->text.find_first_of(".eE") == std::string_view::npos;
  if (id->kind != json_kind::string && !integer)
    return in.fail(errc::bad_request, "'id' must be a string or an integer");
  if (id->text.size() > bounds.id_bytes_max)
    return in.fail(errc::bad_request,
                   "'id' must be at most " + std::to_string(bounds.id_bytes_max) + " bytes");
  out = id->raw();
  return true;
}

} // namespace

result<client_frame, refused_frame> decode(std::string_view text, const limits& bounds) {
  // One per thread, so that a frame costs no allocation here.
  thread_local std::vector<json_member> members;
  members.clear();
  if (const auto broken = scan_object(text, bounds.json_depth_max, members))
    return fail(refused_frame{{}, error_of(*broken)});
  request_fields in(members, bounds);
  client_frame out;
  if (!read_id(in, bounds, out.id))
    return fail(refused_frame{{}, std::move(in).error()});
  const json_slice* type = in.find("type");
  if (!type || type->kind != json_kind::string)
    return fail(refused_frame{std::move(out.id), {errc::bad_request, "'type' must be a string"}});
  const std::string unescaped = type->escaped ? json_unescape(*type) : std::string();
  const std::string_view name = type->escaped ? unescaped : type->text;
  for (const auto& known : frame_types) {
    if (known.name != name)
      continue;
    out.body = known.read(in, bounds);
    if (in.failed())
      return fail(refused_frame{std::move(out.id), std::move(in).error()});
    return out;
  }
  return fail(refused_frame{std::move(out.id),
                            {errc::unknown_type, "'type' is not one that this server knows"}});
}

} // namespace troupe
