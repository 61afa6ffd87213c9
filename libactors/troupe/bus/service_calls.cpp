#include "troupe/bus/service_calls.hpp"

#include "troupe/json/json_text.hpp"
#include "troupe/json/utf8.hpp"
#include "troupe/wire/request_fields.hpp"

#include <algorithm>
#include <vector>

namespace troupe::service {

namespace {

std::string required_message(request_fields& in) {
  std::string_view message;
  if (!in.any("message", message))
    in.fail(errc::bad_request, "'message' is required");
  return std::string(message);
}

command read_topic(request_fields& in, const limits& bounds) {
  post out{.kind = audience_kind::topic};
  in.required_name("topic", out.name);
  in.event(out.event);
  in.string("msg_id", bounds.id_bytes_max, out.msg_id);
  out.options = read_service_options(in);
  out.content = required_message(in);
  return out;
}

command read_room(request_fields& in, const limits& bounds) {
  post out{.kind = audience_kind::room};
  in.required_name("room", out.name);
  in.user(out.user);
  in.string("msg_id", bounds.id_bytes_max, out.msg_id);
  if (out.user.empty())
    out.user = "server";
  out.options = read_service_options(in);
  out.content = required_message(in);
  return out;
}

command read_arguments(std::string_view method, request_fields& in, const limits& bounds) {
  if (method == "get_service_info")
    return show_info{};
  if (method == "send_to_topic")
    return read_topic(in, bounds);
  if (method == "send_to_room")
    return read_room(in, bounds);
  return admin::read_command(method == "send_announcement" ? "announce" : method, in, bounds);
}

std::string unknown(std::string_view method) {
  constexpr std::size_t shown_bytes_max = 128; // the subject is from outside
  std::string out = "Unknown method";
  if (method.size() <= shown_bytes_max && valid_utf8(method))
    out.append(": ").append(method);
  return out;
}

std::string correlation_in(const request_fields& in, std::string_view beside,
                           const limits& bounds) {
  const json_slice* id = in.find("correlation_id");
  if (id && id->kind == json_kind::string && id->text.size() <= bounds.id_bytes_max)
    return std::string(id->raw());
  std::string out;
  if (!beside.empty() && beside.size() <= bounds.id_bytes_max && valid_utf8(beside))
    append_json_string(out, beside);
  return out;
}

// What is told beside the arguments, too. Where nothing is remembered it means nothing.
void read_msg_id(request_fields& in, std::string_view beside, const limits& bounds, post& out) {
  if (beside.empty())
    return;
  if (beside.size() > bounds.id_bytes_max || !valid_utf8(beside))
    in.fail(errc::bad_request, "'Nats-Msg-Id' must be UTF-8 of at most " +
                                 std::to_string(bounds.id_bytes_max) + " bytes");
  else if (!out.msg_id.empty() && out.msg_id != beside)
    in.fail(errc::bad_request, "'msg_id' and 'Nats-Msg-Id' are not the same");
  out.msg_id = beside;
}

result<command> read_command(std::string_view method, request_fields& in, const limits& bounds,
                             std::string_view msg_id) {
  if (number_of(method) == methods.size())
    return fail(errc::not_found, unknown(method));
  command wanted = read_arguments(method, in, bounds);
  if (auto* message = std::get_if<post>(&wanted))
    read_msg_id(in, msg_id, bounds, *message);
  if (in.failed())
    return fail(std::move(in).error());
  return wanted;
}

result<> read_members(std::string_view arguments, const limits& bounds,
                      std::vector<json_member>& out) {
  if (arguments.empty())
    return {};
  if (arguments.size() > bounds.http_body_bytes_max)
    return fail(errc::bad_request, "The arguments are longer than limits.http_body_bytes_max");
  if (!valid_utf8(arguments))
    return fail(errc::bad_json, "Not a JSON object: invalid UTF-8");
  if (const auto error = scan_object(arguments, bounds.json_depth_max, out)) {
    out.clear();
    return fail(error_of(*error));
  }
  return {};
}

// As Python's datetime writes it, and reads it in all its versions.
void append_python_time(std::string& out, wall_time time) {
  append_timestamp(out, time);
  out.pop_back(); // the Z
  out += "+00:00";
}

std::string closed(std::string out, wall_time now, std::string_view correlation) {
  out += R"(,"timestamp":")";
  append_python_time(out, now);
  out += R"(","correlation_id":)";
  out += correlation.empty() ? "null" : correlation;
  return out += '}';
}

} // namespace

std::size_t number_of(std::string_view name) {
  return static_cast<std::size_t>(std::find(methods.begin(), methods.end(), name) -
                                  methods.begin());
}

request read_request(std::string_view method, std::string_view arguments,
                     std::string_view correlation, const limits& bounds, std::string_view msg_id) {
  std::vector<json_member> members;
  request_fields in(members, bounds);
  auto what = read_members(arguments, bounds, members).and_then([&] {
    return read_command(method, in, bounds, msg_id);
  });
  return {std::move(what), correlation_in(in, correlation, bounds)};
}

std::string info_json(const self& who, std::string_view server_name) {
  std::string out = R"({"name":)";
  append_json_string(out, who.name);
  out += R"(,"version":)";
  append_json_string(out, who.version);
  out += R"(,"server":)";
  append_json_string(out, server_name);
  out += R"(,"rpc_methods":[)";
  for (const auto method : methods) {
    if (out.back() != '[')
      out += ',';
    append_json_string(out, method);
  }
  out += R"(],"event_patterns":[],"timer_methods":[],"subjects":{"rpc":)";
  append_json_string(out, who.name + ".rpc.*");
  out += R"(,"async":)";
  append_json_string(out, who.name + ".async.*");
  return out += "}}";
}

std::string result_answer(std::string_view result, wall_time now, std::string_view correlation) {
  std::string out = R"({"success":true,"result":)";
  out += result;
  return closed(std::move(out), now, correlation);
}

std::string error_answer(const error& why, wall_time now, std::string_view correlation) {
  std::string out = R"({"success":false,"error":)";
  append_json_string(out, why.message);
  out += R"(,"code":)";
  append_json_string(out, to_string(why.code));
  return closed(std::move(out), now, correlation);
}

} // namespace troupe::service
