#include "troupe/wire/client_frame_readers.hpp"

namespace troupe {

namespace client_readers {

void read_state(field_notes& in, const limits& bounds, std::string_view&) {
  in.note({"state", field_kind::state, 0, bounds.presence_state_bytes_max, true});
}

bool read_content(field_notes& in, std::string_view& out) {
  in.any("message", out);
  in.any("content", out);
  in.choose(field_choice::rule::at_least_one, {"message", "content"});
  return true;
}

bool names_topic(const field_notes&) {
  return false;
}

void read_event(field_notes& in, std::string&) {
  in.note({"event", field_kind::client_event});
}

void read_where(field_notes& in, client::signal& out) {
  in.name("room", out.name);
  in.name("topic", out.name);
  in.choose(field_choice::rule::at_most_one, {"room", "topic"});
}

// What belongs to which command is noted with the commands.
body read_admin_command(field_notes& in, const limits& bounds) {
  std::string name;
  in.required_string("command", bounds.id_bytes_max, name);
  return {};
}

void read_rpc_name(field_notes& in, std::string_view key, std::string&) {
  in.note({std::string(key), field_kind::rpc_name, 0, UINT64_MAX, true});
}

void read_params(field_notes& in, std::string_view&) {
  in.note({"params", field_kind::object});
}

} // namespace client_readers

std::vector<noted_request> noted_client_frames(const limits& bounds) {
  std::vector<noted_request> out;
  for (const auto& known : client_readers::frame_types<field_notes>) {
    auto& fields = out.emplace_back(known.name, field_notes(bounds)).fields;
    known.read(fields, bounds);
    fields.note({"id", field_kind::request_id, 0, bounds.id_bytes_max}); // as `read_id` has it
  }
  return out;
}

} // namespace troupe
