#include "troupe/wire/request_fields.hpp"

#include "troupe/wire/names.hpp"

#include <charconv>

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

std::string invalid_topic_text(std::string_view key) {
  return invalid_name_text(key) + "; a part may be *, and the last one >, with at most " +
         std::to_string(pattern_parts_max) + " parts then";
}

bool is_topic(std::string_view text) {
  return valid_name(text) || valid_topic_pattern(text);
}

constexpr std::size_t epoch_bytes_max = 64;

// In one request, however many a connection may have: what it costs to read grows with the square.
constexpr std::size_t listed_topics_max = 1024;

bool absent(const json_slice* value) {
  return !value || value->kind == json_kind::null;
}

} // namespace

bool parse_number(std::string_view text, std::uint64_t& out) {
  const auto end = text.data() + text.size();
  const auto [rest, wrong] = std::from_chars(text.data(), end, out);
  return wrong == std::errc{} && rest == end;
}

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

bool request_fields::text(std::string_view key, std::string& out) {
  const json_slice* value = find(key);
  if (absent(value))
    return false;
  if (value->kind != json_kind::string)
    return fail(errc::bad_request, quoted(key) + " must be a string");
  out = json_unescape(*value);
  return true;
}

bool request_fields::string(std::string_view key, std::size_t bytes_max, std::string& out) {
  if (!text(key, out))
    return false;
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

bool request_fields::integer(std::string_view key, std::uint64_t min, std::uint64_t max,
                             std::uint64_t& out) {
  const json_slice* value = find(key);
  if (absent(value))
    return false;
  return (value->kind == json_kind::number && parse_number(value->text, out) && out >= min &&
          out <= max) ||
         fail(errc::bad_request, quoted(key) + " must be an integer from " + std::to_string(min) +
                                   " to " + std::to_string(max));
}

bool request_fields::flag(std::string_view key, bool& out) {
  std::optional<bool> said;
  const bool there = flag(key, said);
  out = said.value_or(out);
  return there;
}

bool request_fields::flag(std::string_view key, std::optional<bool>& out) {
  const json_slice* value = find(key);
  if (absent(value))
    return false;
  if (value->kind != json_kind::boolean)
    return fail(errc::bad_request, quoted(key) + " must be true or false");
  out = value->text == "true";
  return true;
}

bool request_fields::name(std::string_view key, std::string& out) {
  if (!text(key, out))
    return false;
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

bool request_fields::topic(std::string_view key, std::string& out) {
  if (!text(key, out))
    return false;
  return is_topic(out) || fail(errc::invalid_name, invalid_topic_text(key));
}

bool request_fields::topic_list(std::string_view key, std::vector<std::string>& out) {
  const json_slice* list = find(key);
  if (absent(list))
    return false;
  if (list->kind != json_kind::array)
    return fail(errc::bad_request, quoted(key) + " must be a list of strings");
  std::vector<json_slice> elements;
  scan_elements(*list, elements);
  if (elements.empty())
    return fail(errc::bad_request, quoted(key) + " must not be empty");
  const auto most = std::min<std::size_t>(bounds_.topics_per_connection_max, listed_topics_max);
  if (elements.size() > most)
    return fail(errc::limit_exceeded, quoted(key) + " must name at most " + std::to_string(most));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::string place = std::string(key) + "[" + std::to_string(i) + "]";
    if (elements[i].kind != json_kind::string)
      return fail(errc::bad_request, quoted(place) + " must be a string");
    std::string topic = json_unescape(elements[i]);
    if (!is_topic(topic))
      return fail(errc::invalid_name, invalid_topic_text(place));
    out.push_back(std::move(topic));
  }
  return true;
}

void request_fields::topics(std::vector<std::string>& out, bool& by_channel) {
  std::string one;
  if (topic_list("topics", out) || failed_)
    return;
  if (topic("topic", one)) {
    out.push_back(std::move(one));
  } else if (!failed_ && topic("channel", one)) {
    out.push_back(std::move(one));
    by_channel = true;
  } else {
    fail(errc::bad_request, "'topics', 'topic' or 'channel' is required");
  }
}

void request_fields::audience(audience_kind& kind, std::string& name) {
  const bool room = !absent(find("room"));
  if (room == !absent(find("topic"))) {
    fail(errc::bad_request, "One of 'room' and 'topic' is required");
    return;
  }
  kind = room ? audience_kind::room : audience_kind::topic;
  required_name(room ? "room" : "topic", name);
}

bool request_fields::position(const std::string& place, const json_slice& value,
                              troupe::position& out) {
  if (value.kind != json_kind::object)
    return fail(errc::bad_request, quoted(place) + " must be an object with 'epoch' and 'offset'");
  const auto epoch = find_member(value, "epoch");
  if (!epoch || epoch->kind != json_kind::string || epoch->text.size() > epoch_bytes_max)
    return fail(errc::bad_request, quoted(place + ".epoch") + " must be a string of at most " +
                                     std::to_string(epoch_bytes_max) + " bytes");
  const auto offset = find_member(value, "offset");
  if (!offset || offset->kind != json_kind::number || !parse_number(offset->text, out.offset))
    return fail(errc::bad_request, quoted(place + ".offset") + " must be an integer from 0 on");
  out.epoch = json_unescape(*epoch);
  return true;
}

bool request_fields::position(std::string_view key, troupe::position& out) {
  const json_slice* value = find(key);
  return !absent(value) && position(std::string(key), *value, out);
}

bool request_fields::positions(std::string_view key,
                               std::vector<std::pair<std::string, troupe::position>>& out) {
  const json_slice* all = find(key);
  if (absent(all))
    return false;
  if (all->kind != json_kind::object)
    return fail(errc::bad_request, quoted(key) + " must be an object of positions by topic");
  std::vector<json_member> members;
  scan_members(*all, members);
  if (members.size() > bounds_.topics_per_connection_max)
    return fail(errc::limit_exceeded, quoted(key) + " must name at most " +
                                        std::to_string(bounds_.topics_per_connection_max));
  for (const auto& each : members) {
    std::string name = json_unescape(each.key);
    if (valid_topic_pattern(name))
      return fail(errc::bad_request,
                  quoted(std::string(key) + "." + name) + " is a pattern, and has no position");
    if (!valid_name(name)) // not repeated in the message: it may be anything
      return fail(errc::invalid_name, invalid_name_text(std::string(key) + "{}"));
    const std::string place = std::string(key) + "." + name;
    if (!position(place, each.value, out.emplace_back(std::move(name), troupe::position{}).second))
      return false;
  }
  return true;
}

bool request_fields::any(std::string_view key, std::string_view& out) const {
  const json_slice* value = find(key);
  if (value)
    out = value->raw();
  return value != nullptr;
}

} // namespace troupe
