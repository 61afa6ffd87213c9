// The payload of an event as JSON: checked once, its fields found by their path. Pure; points into
// the text it was given.
#pragma once

#include "troupe/json/json_scan.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class bridge_payload {
public:
  /// False when `text` is not one JSON value in UTF-8.
  bool read(std::string_view text);

  bool is_object() const { return whole_.kind == json_kind::object; }
  /// The value as it was written, without blanks around it.
  std::string_view raw() const { return whole_.raw(); }

  struct field {
    std::optional<json_slice> value{};
    /// Something on the way is there, and is neither an object nor null.
    bool blocked = false;
  };
  /// What is at the end of `path`: no value when that, or an object on the way, is not there.
  field find(const std::vector<std::string>& path) const;

private:
  std::optional<json_slice> find(std::string_view key) const;

  json_slice whole_;
  std::vector<json_member> members_; // of an object, unless it has more than a scan takes
};

} // namespace troupe
