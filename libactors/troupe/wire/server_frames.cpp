#include "troupe/wire/server_frames.hpp"

namespace troupe::server_frames {

namespace {

void put_string(frame_writer& to, std::string_view key, std::string_view text) {
  to << ",\"" << key << "\":";
  append_json_string(to.out(), text);
}

void put_number(frame_writer& to, std::string_view key, std::uint64_t number) {
  to << ",\"" << key << "\":";
  append_number(to.out(), number);
}

void put_timestamp(frame_writer& to, wall_time time) {
  to << ",\"timestamp\":\"";
  append_timestamp(to.out(), time);
  to << "\"";
}

void put_id(frame_writer& to, const request_id& id) {
  if (!id.empty())
    to << ",\"id\":" << id;
}

frame_ptr end(frame_writer&& to) {
  to << "}";
  return std::move(to).finish();
}

// Seconds as a person writes them: 30, 0.2.
void put_seconds(frame_writer& to, std::string_view key, std::chrono::milliseconds time) {
  put_number(to, key, static_cast<std::uint64_t>(time.count() / 1000));
  auto thousandths = static_cast<unsigned>(time.count() % 1000);
  if (thousandths == 0)
    return;
  to << ".";
  for (unsigned digit = 100; thousandths > 0; thousandths %= digit, digit /= 10)
    to.out().push_back(static_cast<char>('0' + thousandths / digit));
}

} // namespace

frame_ptr connection(std::string_view server_name, std::string_view connection,
                     std::chrono::milliseconds heartbeat) {
  frame_writer to;
  to << R"({"type":"connection","message":)";
  append_json_string(to.out(), "Connected to " + std::string(server_name));
  put_string(to, "connection_id", connection);
  put_seconds(to, "heartbeat", heartbeat);
  return end(std::move(to));
}

frame_ptr authenticated(const identity& who, const request_id& id) {
  frame_writer to;
  to << R"({"type":"authenticated","user":{"id":)";
  append_json_string(to.out(), who.user_id);
  put_string(to, "username", who.username);
  to << R"(,"roles":[)";
  for (std::size_t i = 0; i < who.roles.size(); ++i) {
    to << (i > 0 ? "," : "");
    append_json_string(to.out(), who.roles[i]);
  }
  to << "]}";
  put_id(to, id);
  return end(std::move(to));
}

frame_ptr subscribed(const std::vector<subscribed_topic>& topics, bool by_channel,
                     const request_id& id) {
  frame_writer to;
  to << R"({"type":"subscribed","topics":[)";
  for (std::size_t i = 0; i < topics.size(); ++i) {
    to << (i > 0 ? "," : "");
    append_json_string(to.out(), topics[i].name);
  }
  to << "]";
  if (by_channel && !topics.empty())
    put_string(to, "channel", topics.front().name);
  to << R"(,"positions":{)";
  for (std::size_t i = 0; i < topics.size(); ++i) {
    to << (i > 0 ? "," : "");
    append_json_string(to.out(), topics[i].name);
    to << R"(:{"epoch":)";
    append_json_string(to.out(), topics[i].at.epoch);
    put_number(to, "offset", topics[i].at.offset);
    to << R"(,"recovered":false})";
  }
  to << "}";
  put_id(to, id);
  return end(std::move(to));
}

frame_ptr unsubscribed(const std::vector<std::string>& topics, bool by_channel,
                       const request_id& id) {
  frame_writer to;
  to << R"({"type":"unsubscribed","topics":[)";
  for (std::size_t i = 0; i < topics.size(); ++i) {
    to << (i > 0 ? "," : "");
    append_json_string(to.out(), topics[i]);
  }
  to << "]";
  if (by_channel && !topics.empty())
    put_string(to, "channel", topics.front());
  put_id(to, id);
  return end(std::move(to));
}

frame_ptr joined(std::string_view room, const position& at, const request_id& id) {
  frame_writer to;
  to << R"({"type":"joined")";
  put_string(to, "room", room);
  put_string(to, "epoch", at.epoch);
  put_number(to, "offset", at.offset);
  put_id(to, id);
  return end(std::move(to));
}

frame_ptr left(std::string_view room, const request_id& id) {
  frame_writer to;
  to << R"({"type":"left")";
  put_string(to, "room", room);
  put_id(to, id);
  return end(std::move(to));
}

frame_ptr room_event(std::string_view type, std::string_view room, const json_fields& fields,
                     wall_time time, std::optional<std::uint64_t> offset) {
  frame_writer to(fields.view().size() + type.size() + room.size() + 96);
  to << R"({"type":)";
  append_json_string(to.out(), type);
  put_string(to, "room", room);
  to << fields.view();
  put_timestamp(to, time);
  if (offset)
    put_number(to, "offset", *offset);
  return end(std::move(to));
}

frame_ptr publication(std::string_view event, std::string_view topic, std::string_view data,
                      wall_time time, std::uint64_t offset) {
  frame_writer to(event.size() + topic.size() + data.size() + 96);
  to << R"({"type":)";
  append_json_string(to.out(), event.empty() ? "publication" : event);
  put_string(to, "topic", topic);
  to << R"(,"data":)" << data;
  put_timestamp(to, time);
  put_number(to, "offset", offset);
  return end(std::move(to));
}

frame_ptr topic_event(std::string_view type, std::string_view topic, std::string_view members,
                      wall_time time, std::uint64_t offset) {
  frame_writer to(type.size() + topic.size() + members.size() + 96);
  to << R"({"type":)";
  append_json_string(to.out(), type);
  put_string(to, "topic", topic);
  to << members;
  put_timestamp(to, time);
  put_number(to, "offset", offset);
  return end(std::move(to));
}

frame_ptr event(std::string_view type, std::string_view members, wall_time time) {
  frame_writer to(type.size() + members.size() + 64);
  to << R"({"type":)";
  append_json_string(to.out(), type);
  to << members;
  put_timestamp(to, time);
  return end(std::move(to));
}

frame_ptr published(std::string_view topic, const position& at, const request_id& id) {
  frame_writer to;
  to << R"({"type":"published")";
  put_string(to, "topic", topic);
  put_string(to, "epoch", at.epoch);
  put_number(to, "offset", at.offset);
  put_id(to, id);
  return end(std::move(to));
}

frame_ptr gap(audience_kind kind, std::string_view name, std::uint64_t missing,
              std::uint64_t offset) {
  frame_writer to(name.size() + 80);
  to << R"({"type":"gap")";
  put_string(to, kind == audience_kind::room ? "room" : "topic", name);
  put_number(to, "dropped", missing);
  put_number(to, "offset", offset);
  return end(std::move(to));
}

frame_ptr announcement(std::string_view text, wall_time time) {
  frame_writer to;
  to << R"({"type":"announcement","text":)";
  append_json_string(to.out(), text);
  put_timestamp(to, time);
  return end(std::move(to));
}

frame_ptr pong(wall_time time, const request_id& id) {
  frame_writer to;
  to << R"({"type":"pong")";
  put_timestamp(to, time);
  put_id(to, id);
  return end(std::move(to));
}

frame_ptr heartbeat() {
  return joined_frames(text_frame(R"({"type":"ping"})"), ping_frame());
}

frame_ptr error(const troupe::error& why, const request_id& id) {
  frame_writer to;
  to << R"({"type":"error")";
  put_string(to, "code", to_string(why.code));
  put_string(to, "message", why.message);
  if (why.retry_after.count() > 0)
    put_number(to, "retry_after_ms", static_cast<std::uint64_t>(why.retry_after.count()));
  put_id(to, id);
  return end(std::move(to));
}

frame_ptr disconnect(close_code code, std::string_view reason, std::chrono::milliseconds after) {
  frame_writer to;
  to << R"({"type":"disconnect")";
  put_number(to, "code", static_cast<std::uint64_t>(code));
  put_string(to, "reason", reason);
  to << (reconnects(code) ? R"(,"reconnect":true)" : R"(,"reconnect":false)");
  put_number(to, "after_ms", static_cast<std::uint64_t>(after.count()));
  return joined_frames(end(std::move(to)), close_frame(code, reason));
}

} // namespace troupe::server_frames
