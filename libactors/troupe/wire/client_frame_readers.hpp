// The readers of client frames, and the table of them. For client_frames.cpp, which reads by them,
// and client_frame_notes.cpp, which notes what they read; apart, so that the one is compiled as if
// the other were not there.
#pragma once

#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/field_notes.hpp"
#include "troupe/wire/names.hpp"
#include "troupe/wire/request_fields.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <algorithm>

namespace troupe::client_readers {

using body = decltype(client_frame::body);

// What is read in a way of its own has a note of its own.
void read_state(field_notes& in, const limits& bounds, std::string_view&);
bool read_content(field_notes& in, std::string_view& out);
bool names_topic(const field_notes&);
void read_event(field_notes& in, std::string&);
void read_where(field_notes& in, client::signal& out);
body read_admin_command(field_notes& in, const limits& bounds);
void read_rpc_name(field_notes& in, std::string_view key, std::string&);
void read_params(field_notes& in, std::string_view&);

// The readers read, or note what they would read: `In` is `request_fields` or `field_notes`.

template <class In>
body read_subscribe(In& in, const limits&) {
  client::subscribe out;
  in.topics(out.topics, out.by_channel);
  in.positions("recover", out.recover);
  in.flag("presence", out.presence);
  for (const auto& [name, at] : out.recover)
    if (std::find(out.topics.begin(), out.topics.end(), name) == out.topics.end())
      in.fail(errc::bad_request, "'recover." + name + "' is none of the topics");
  if (std::any_of(out.topics.begin(), out.topics.end(), has_wildcard) &&
      out.presence.value_or(false))
    in.fail(errc::bad_request, "'presence' is not told of what is heard by a pattern");
  return out;
}

template <class In>
body read_unsubscribe(In& in, const limits&) {
  client::unsubscribe out;
  in.topics(out.topics, out.by_channel);
  return out;
}

template <class In>
body read_join(In& in, const limits&) {
  client::join out;
  in.required_name("room", out.room);
  in.user(out.user);
  if (position seen; in.position("recover", seen))
    out.recover = std::move(seen);
  in.flag("presence", out.presence);
  return out;
}

inline void read_state(request_fields& in, const limits& bounds, std::string_view& out) {
  const json_slice* const state = in.find("state");
  if (!state || (state->kind != json_kind::object && state->kind != json_kind::null))
    in.fail(errc::bad_request, "'state' must be an object or null");
  else if (state->text.size() > bounds.presence_state_bytes_max)
    in.fail(errc::limit_exceeded, "'state' must be at most " +
                                    std::to_string(bounds.presence_state_bytes_max) + " bytes");
  else if (state->kind == json_kind::object)
    out = state->raw();
}

template <class In>
body read_set_presence(In& in, const limits& bounds) {
  client::set_presence out;
  in.audience(out.kind, out.name);
  read_state(in, bounds, out.state);
  return out;
}

template <class In>
body read_leave(In& in, const limits&) {
  client::leave out;
  in.required_name("room", out.room);
  return out;
}

inline bool read_content(request_fields& in, std::string_view& out) {
  return in.any("message", out) || in.any("content", out);
}

// It means nothing, but says what the client may have meant.
inline bool names_topic(const request_fields& in) {
  return in.find("topic") != nullptr;
}

template <class In>
body read_message(In& in, const limits& bounds) {
  client::message out;
  in.name("room", out.room);
  in.user(out.user);
  in.string("msg_id", bounds.id_bytes_max, out.msg_id);
  if (!read_content(in, out.content))
    in.fail(errc::bad_request, "'message' is required");
  out.to_topic = names_topic(in);
  out.options = read_delivery_options(in);
  return out;
}

inline void read_event(request_fields& in, std::string& out) {
  in.event(out);
  if (!free_for_clients(out))
    in.fail(errc::bad_request, "'event' is a type that only services may send");
}

template <class In>
body read_publish(In& in, const limits& bounds) {
  client::publish out;
  in.required_name("topic", out.topic);
  read_event(in, out.event);
  in.string("msg_id", bounds.id_bytes_max, out.msg_id);
  if (!in.any("data", out.data))
    in.fail(errc::bad_request, "'data' is required");
  out.options = read_delivery_options(in);
  return out;
}

inline void read_where(request_fields& in, client::signal& out) {
  in.name("room", out.name);
  if (std::string topic; in.name("topic", topic)) {
    if (!out.name.empty())
      in.fail(errc::bad_request, "Only one of 'room' and 'topic' may be there");
    out.kind = audience_kind::topic;
    out.name = std::move(topic);
  }
}

template <class In>
body read_signal(In& in, const limits&) {
  client::signal out;
  read_where(in, out);
  in.user(out.user);
  if (!in.any("data", out.data))
    in.fail(errc::bad_request, "'data' is required");
  return out;
}

template <class In>
body read_refresh(In& in, const limits&) {
  constexpr std::size_t token_bytes_max = 8 * 1024;
  client::refresh out;
  in.required_string("token", token_bytes_max, out.token);
  return out;
}

inline body read_admin_command(request_fields& in, const limits& bounds) {
  request_fields own = in; // what is wrong with it stays here
  client::admin_command out{admin::read_command(own, bounds)};
  if (own.failed())
    out.what = fail(std::move(own).error());
  return out;
}

// They become a part of a subject on the bus, so nothing else gets through.
inline void read_rpc_name(request_fields& in, std::string_view key, std::string& out) {
  in.required_string(key, SIZE_MAX, out);
  if (!valid_rpc_name(out))
    in.fail(errc::invalid_name, "'" + std::string(key) + "' must be 1 to 64 of A-Z a-z 0-9 _ -");
}

inline void read_params(request_fields& in, std::string_view& out) {
  const json_slice* params = in.find("params");
  if (!params || params->kind == json_kind::null)
    out = "{}";
  else if (params->kind == json_kind::object)
    out = params->raw();
  else
    in.fail(errc::bad_request, "'params' must be an object");
}

template <class In>
body read_rpc(In& in, const limits&) {
  client::rpc out;
  read_rpc_name(in, "service", out.service);
  read_rpc_name(in, "method", out.method);
  read_params(in, out.params);
  return out;
}

template <class In>
struct frame_type {
  std::string_view name;
  body (*read)(In&, const limits&);
};

template <class In>
constexpr frame_type<In> frame_types[] = {
  {"message", read_message<In>},
  {"publish", read_publish<In>},
  {"signal", read_signal<In>},
  {"pong", [](In&, const limits&) -> body { return client::pong{}; }},
  {"ping", [](In&, const limits&) -> body { return client::ping{}; }},
  {"subscribe", read_subscribe<In>},
  {"unsubscribe", read_unsubscribe<In>},
  {"join", read_join<In>},
  {"leave", read_leave<In>},
  {"refresh", read_refresh<In>},
  {"admin_command", read_admin_command},
  {"rpc", read_rpc<In>},
  {"history",
   [](In& in, const limits& bounds) -> body {
     return client::history{read_history_question(in, bounds)};
   }},
  {"presence",
   [](In& in, const limits&) -> body { return client::presence{read_presence_question(in)}; }},
  {"set_presence", read_set_presence<In>},
};

} // namespace troupe::client_readers
