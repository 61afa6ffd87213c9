#include "troupe/wire/request_fields.hpp"

#include "troupe/wire/names.hpp"

namespace troupe {

namespace {

std::string quoted(std::string_view key) {
  std::string out = "'";
  out += key;
  return out += "'";
}

std::string invalid_name_text(std::string_view key) {
  return quoted(key) + " must be 1 to 128 of A-Z a-z 0-9 _ - . : @ / without empty parts";
}

bool absent(const json_slice* value) {
  return !value || value->kind == json_kind::null;
}

} // namespace

error error_of(const json_error& broken) {
  if (broken.too_many)
    return {errc::bad_request,
            "A request has at most " + std::to_string(json_members_max) + " fields"};
  return {errc::bad_json, "Not a JSON object: " + std::string(broken.what) + " at byte " +
                            std::to_string(broken.at)};
}

const json_slice* request_fields::find(std::string_view key) const {
  for (const auto& member : members_)
    if (member.key.escaped ? json_unescape(member.key) == key : member.key.text == key)
      return &member.value;
  return nullptr;
}

bool request_fields::fail(errc code, std::string message) {
  if (!failed_)
    error_ = troupe::error{code, std::move(message)};
  failed_ = true;
  return false;
}

bool request_fields::string(std::string_view key, std::size_t bytes_max, std::string& out) {
  const json_slice* value = find(key);
  if (absent(value))
    return false;
  if (value->kind != json_kind::string)
    return fail(errc::bad_request, quoted(key) + " must be a string");
  out = json_unescape(*value);
  if (out.size() > bytes_max)
    return fail(errc::bad_request,
                quoted(key) + " must be at most " + std::to_string(bytes_max) + " bytes");
  return true;
}

void request_fields::required_string(std::string_view key, std::size_t bytes_max,
                                     std::string& out) {
  if (!string(key, bytes_max, out))
    fail(errc::bad_request, quoted(key) + " is required");
}

bool request_fields::name(std::string_view key, std::string& out) {
  const json_slice* value = find(key);
  if (absent(value))
    return false;
  if (value->kind != json_kind::string)
    return fail(errc::bad_request, quoted(key) + " must be a string");
  out = json_unescape(*value);
  return valid_name(out) || fail(errc::invalid_name, invalid_name_text(key));
}

void request_fields::required_name(std::string_view key, std::string& out) {
  if (!name(key, out))
    fail(errc::bad_request, quoted(key) + " is required");
}

void request_fields::user(std::string& out) {
  if (string("user", bounds_.user_bytes_max, out) && !out.empty() &&
      !valid_display_name(out, bounds_.user_bytes_max))
    fail(errc::bad_request, bad_display_name(bounds_.user_bytes_max));
}

void request_fields::event(std::string& out) {
  if (string("event", bounds_.id_bytes_max, out) && !valid_event(out))
    fail(errc::bad_request,
         "'event' must be 1 to 64 of A-Z a-z 0-9 _ - . : and no type of the server's own");
}

bool request_fields::names(std::string_view key, std::vector<std::string>& out) {
  const json_slice* list = find(key);
  if (absent(list))
    return false;
  if (list->kind != json_kind::array)
    return fail(errc::bad_request, quoted(key) + " must be a list of strings");
  std::vector<json_slice> elements;
  scan_elements(*list, elements);
  if (elements.empty())
    return fail(errc::bad_request, quoted(key) + " must not be empty");
  if (elements.size() > bounds_.topics_per_connection_max)
    return fail(errc::limit_exceeded, quoted(key) + " must name at most " +
                                        std::to_string(bounds_.topics_per_connection_max));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::string place = std::string(key) + "[" + std::to_string(i) + "]";
    if (elements[i].kind != json_kind::string)
      return fail(errc::bad_request, quoted(place) + " must be a string");
    std::string topic = json_unescape(elements[i]);
    if (!valid_name(topic))
      return fail(errc::invalid_name, invalid_name_text(place));
    out.push_back(std::move(topic));
  }
  return true;
}

void request_fields::topics(std::vector<std::string>& out, bool& by_channel) {
  std::string one;
  if (names("topics", out) || failed_)
    return;
  if (name("topic", one)) {
    out.push_back(std::move(one));
  } else if (!failed_ && name("channel", one)) {
    out.push_back(std::move(one));
    by_channel = true;
  } else {
    fail(errc::bad_request, "'topics', 'topic' or 'channel' is required");
  }
}

bool request_fields::any(std::string_view key, std::string_view& out) const {
  const json_slice* value = find(key);
  if (value)
    out = value->raw();
  return value != nullptr;
}

} // namespace troupe
