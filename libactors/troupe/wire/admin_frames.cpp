#include "troupe/wire/admin_frames.hpp"

#include "troupe/json/json_text.hpp"

namespace troupe::server_frames {

namespace {

frame_ptr closed(frame_writer&& to, const json_fields& fields) {
  to << fields.view() << "}";
  return std::move(to).finish();
}

} // namespace

frame_ptr notification(std::string_view message, wall_time time) {
  frame_writer to(message.size() + 96);
  to << R"({"type":"notification")";
  std::string timestamp;
  append_timestamp(timestamp, time);
  return closed(std::move(to), json_fields{}.raw("message", message).text("timestamp", timestamp));
}

frame_ptr admin_result(std::string_view command, std::string_view result, const request_id& id) {
  frame_writer to(result.size() + 96);
  to << R"({"type":"admin_result")";
  json_fields fields;
  fields.text("command", command).raw("result", result);
  if (!id.empty())
    fields.raw("id", id);
  return closed(std::move(to), fields);
}

} // namespace troupe::server_frames
