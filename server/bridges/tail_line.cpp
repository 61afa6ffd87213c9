#include "server/bridges/tail_command.hpp"
#include "troupe/json/base64.hpp"
#include "troupe/json/json_scan.hpp"
#include "troupe/json/json_text.hpp"
#include "troupe/json/utf8.hpp"

namespace troupe {

namespace {

constexpr unsigned depth_max = 64;

bool is_json(std::string_view payload) {
  json_slice value;
  return valid_utf8(payload) && !scan_value(payload, depth_max, value);
}

// Names come from outside, and may be anything.
void append_text(std::string& out, std::string_view key, std::string_view text) {
  out += key;
  std::string bytes;
  if (!valid_utf8(text)) {
    append_base64(bytes, text);
    text = bytes;
  }
  append_json_string(out, text);
}

// What is between the values of JSON may be any blanks.
void append_one_line(std::string& out, std::string_view json) {
  for (const char c : json) // within strings there are no raw line breaks
    out += c == '\n' || c == '\r' ? ' ' : c;
}

} // namespace

std::string tail_line(const tailed_message& message, std::string_view timestamp) {
  std::string out = R"({"time":)";
  append_json_string(out, timestamp);
  append_text(out, R"(,"subject":)", message.subject);
  if (!message.reply.empty())
    append_text(out, R"(,"reply":)", message.reply);
  if (is_json(message.payload)) {
    out += R"(,"data":)";
    append_one_line(out, message.payload);
  } else if (valid_utf8(message.payload)) {
    out += R"(,"text":)";
    append_json_string(out, message.payload);
  } else {
    out += R"(,"base64":")";
    append_base64(out, message.payload);
    out += '"';
  }
  return out += '}';
}

} // namespace troupe
