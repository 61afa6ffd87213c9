#include "troupe/wire/rpc_frames.hpp"

#include "troupe/json/json_scan.hpp"
#include "troupe/json/json_text.hpp"
#include "troupe/json/utf8.hpp"

#include <vector>

namespace troupe {

namespace {

constexpr std::size_t message_bytes_max = 500;
constexpr unsigned depth_max = 64;

using members = std::vector<json_member>;

const json_slice* find(const members& in, std::string_view key) {
  for (const auto& each : in)
    if (!each.key.escaped && each.key.text == key)
      return &each.value;
  return nullptr;
}

std::string cut(std::string text) {
  if (text.size() <= message_bytes_max)
    return text;
  std::size_t end = message_bytes_max; // not within a character
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return text.substr(0, end) + "...";
}

std::string text_of(const json_slice& value) {
  return cut(value.kind == json_kind::string ? json_unescape(value) : std::string(value.text));
}

// "amount: Input should be a valid number": the first of the framework's details, or nothing.
std::string first_detail(const members& answer) {
  const json_slice* details = find(answer, "details");
  if (!details || details->kind != json_kind::array)
    return {};
  std::vector<json_slice> list;
  scan_elements(*details, list);
  members detail;
  if (list.empty() || list.front().kind != json_kind::object ||
      scan_object(list.front().text, depth_max, detail))
    return {};
  const json_slice* what = find(detail, "msg");
  const json_slice* where = find(detail, "loc");
  if (!what || what->kind != json_kind::string || !where || where->kind != json_kind::array)
    return {};
  std::vector<json_slice> path;
  scan_elements(*where, path);
  std::string out;
  for (const auto& step : path)
    if (out.size() <= message_bytes_max)
      out += (out.empty() ? "" : ".") + text_of(step);
  return cut(out + ": " + text_of(*what));
}

error error_in(const json_slice& error, const members& answer) {
  const std::string text = text_of(error);
  if (text == "validation failed") {
    const std::string detail = first_detail(answer);
    return {errc::bad_request, detail.empty() ? text : text + ": " + detail};
  }
  if (text.starts_with("Unknown method"))
    return {errc::not_found, text};
  if (text.starts_with("refused: "))
    return {errc::insufficient_permissions, text};
  return {errc::internal, text};
}

} // namespace

result<std::string_view> read_rpc_answer(std::string_view answer, std::size_t bytes_max) {
  if (answer.size() > bytes_max)
    return fail(errc::internal, "The service's answer is too long");
  members found;
  if (!valid_utf8(answer) || scan_object(answer, depth_max, found))
    return fail(errc::internal, "The service's answer is no JSON object");
  if (const json_slice* error = find(found, "error"); error && error->kind != json_kind::null)
    return fail(error_in(*error, found));
  if (const json_slice* result = find(found, "result"))
    return result->raw();
  return fail(errc::internal, "The service's answer has neither result nor error");
}

} // namespace troupe
