#include "troupe/bus/bridge_payload.hpp"

#include "troupe/json/utf8.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr unsigned depth_max = 64;
constexpr std::string_view blanks = " \t\n\r";

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

bool is_called(const json_slice& key, std::string_view name) {
  return key.escaped ? json_unescape(key) == name : key.text == name;
}

} // namespace

bool bridge_payload::read(std::string_view text) {
  members_.clear();
  whole_ = {};
  text = without_blanks(text);
  if (!valid_utf8(text))
    return false;
  if (!text.starts_with('{'))
    return !scan_value(text, depth_max, whole_);
  const auto wrong = scan_object(text, depth_max, members_);
  if (!wrong) {
    whole_ = {text, json_kind::object, false};
    return true;
  }
  members_.clear();
  return wrong->too_many && !scan_value(text, depth_max, whole_);
}

std::optional<json_slice> bridge_payload::find(std::string_view key) const {
  for (const auto& each : members_)
    if (is_called(each.key, key))
      return each.value;
  return members_.empty() && is_object() ? find_member(whole_, key) : std::nullopt;
}

bridge_payload::field bridge_payload::find(const std::vector<std::string>& path) const {
  std::optional<json_slice> found;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i > 0 && (!found || found->kind != json_kind::object))
      return {.blocked = found && found->kind != json_kind::null};
    found = i == 0 ? find(path[0]) : find_member(*found, path[i]);
  }
  return {found};
}

} // namespace troupe
