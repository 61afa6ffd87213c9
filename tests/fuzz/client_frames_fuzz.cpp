// Any text a client may send: it is refused as `bad_json` exactly when another reader refuses it
// too, and what is taken from it is fit to be put into an answer.
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/json_reference.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/json/json_scan.hpp"
#include "troupe/json/utf8.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/event_frame.hpp"
#include "troupe/wire/names.hpp"
#include "troupe/wire/rpc_rules.hpp"
#include "troupe/wire/troupe_v1.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace troupe {
namespace {

using test::check;

void look_at(const client::subscribe& frame) {
  check(!frame.topics.empty(), "a subscription has topics");
  for (const auto& topic : frame.topics)
    check(valid_name(topic), "a topic has a valid name");
}
void look_at(const client::unsubscribe& frame) {
  look_at(client::subscribe{frame.topics, frame.by_channel});
}
void look_at(const client::join& frame) {
  check(valid_name(frame.room), "a room has a valid name");
}
void look_at(const client::leave& frame) {
  check(valid_name(frame.room), "a room has a valid name");
}
void look_at(const client::message& frame) {
  check(frame.room.empty() || valid_name(frame.room), "a room has a valid name");
  check(frame.user.empty() || valid_display_name(frame.user, limits{}.user_bytes_max),
        "a user has a valid name");
  json_slice content;
  check(!scan_value(frame.content, 64, content), "a message is JSON");
}
void look_at(const client::publish& frame) {
  check(valid_name(frame.topic), "a topic has a valid name");
  check(frame.event.empty() || valid_event(frame.event), "an event is valid");
  json_slice data;
  check(!scan_value(frame.data, 64, data), "data is JSON");
}
void look_at(const client::signal& frame) {
  check(frame.name.empty() || valid_name(frame.name), "what is signalled in has a valid name");
  check(!frame.name.empty() || frame.kind == audience_kind::room, "only a room may be left out");
  json_slice data;
  check(!scan_value(frame.data, 64, data), "data is JSON");
}
void look_at(const client::admin_command& frame) {
  const auto* message = frame.what ? std::get_if<admin::send>(&*frame.what) : nullptr;
  json_slice content;
  check(!message || !scan_value(message->message, 64, content), "a notification is JSON");
  check(!message || !message->name.empty(), "it is for somebody");
}
void look_at(const client::rpc& frame) {
  check(valid_rpc_name(frame.service) && valid_rpc_name(frame.method),
        "the names are tokens of a subject");
  check(valid_subject(frame.service + ".rpc." + frame.method), "what comes of them is a subject");
  std::vector<json_member> members;
  check(!scan_object(frame.params, 64, members), "the arguments are an object");
}
void look_at(const client::history& frame) {
  check(valid_name(frame.asked.name), "a room or topic has a valid name");
}
void look_at(const client::presence& frame) {
  check(valid_name(frame.asked.name), "a room or topic has a valid name");
}
void look_at(const client::set_presence& frame) {
  check(valid_name(frame.name), "a room or topic has a valid name");
  std::vector<json_member> members;
  check(frame.state.empty() || !scan_object(frame.state, 64, members), "a state is an object");
}
void look_at(const client::refresh&) {}
void look_at(const client::ping&) {}
void look_at(const client::pong&) {}

// The id, and for a refused frame its message, in a frame of the server's.
void answer(const error& why, const request_id& id) {
  const auto frame = framed(events::refusal(why, id), troupe_v1());
  const auto bytes = frame->bytes();
  const auto payload = bytes.substr(static_cast<unsigned char>(bytes[1]) < 126 ? 2 : 4);
  check(nlohmann::json::accept(payload), "an answer is JSON");
}

} // namespace
} // namespace troupe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!valid_utf8(text))
    return 0;
  const limits bounds;
  const auto frame = decode(text, bounds);
  const auto expected = test::judge(text);
  if (expected.members > json_members_max) {
    check(!frame, "a request with too many fields is refused");
  } else if (!expected.overflow) {
    const bool fine = expected.accepted && expected.object && !expected.twice &&
                      expected.depth <= bounds.json_depth_max &&
                      expected.number <= json_number_bytes_max;
    const bool accepted = frame || frame.error().error.code != errc::bad_json;
    check(accepted || !fine, "what the reference accepts is accepted");
    check(fine || !accepted, "what the reference refuses is refused");
  }
  if (!frame) {
    answer(frame.error().error, frame.error().id);
  } else {
    answer(error{errc::internal}, frame->id);
    std::visit([](const auto& body) { look_at(body); }, frame->body);
  }
  return 0;
}
