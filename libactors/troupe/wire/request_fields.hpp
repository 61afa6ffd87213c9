// Checked access to the fields of a JSON request: a client's frame, or the body of an API call.
// Pure.
//
// The first field that is wrong is remembered, with a message that names it; what is read after it
// does not matter.
#pragma once

#include "troupe/json/json_scan.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Reads all of `text` as a number without a sign; false: it is none, or too large.
bool parse_number(std::string_view text, std::uint64_t& out);

/// What to answer to a text that `scan_object` refuses.
error error_of(const json_error& broken);

class request_fields {
public:
  request_fields(const std::vector<json_member>& members, const limits& bounds)
    : members_(members),
      bounds_(bounds) {}

  /// The value under `key`, of whatever kind; or null.
  const json_slice* find(std::string_view key) const;

  /// Reads a string of at most `bytes_max` bytes. False when it is absent, null or wrong.
  bool string(std::string_view key, std::size_t bytes_max, std::string& out);
  void required_string(std::string_view key, std::size_t bytes_max, std::string& out);

  /// Reads an integer of this range. False when it is absent, null or wrong.
  bool integer(std::string_view key, std::uint64_t min, std::uint64_t max, std::uint64_t& out);

  /// Reads `true` or `false`. False when it is absent, null or wrong.
  bool flag(std::string_view key, bool& out);
  bool flag(std::string_view key, std::optional<bool>& out);

  /// Reads the name of a room or topic. False when it is absent, null or wrong.
  bool name(std::string_view key, std::string& out);
  void required_name(std::string_view key, std::string& out);

  /// Reads `user`, if there is one.
  void user(std::string& out);
  /// Reads `event`, if there is one.
  void event(std::string& out);

  /// Reads `topics`, `topic` or `channel`, as clients of different ages write it: names, and
  /// patterns of them.
  void topics(std::vector<std::string>& out, bool& by_channel);

  /// Reads `room` or `topic`, exactly one of them.
  void audience(audience_kind& kind, std::string& name);

  /// Reads a position: an object with `epoch` and `offset`. False when it is absent, null or wrong.
  bool position(std::string_view key, troupe::position& out);
  /// Reads an object of positions, by name. False as above.
  bool positions(std::string_view key, std::vector<std::pair<std::string, troupe::position>>& out);

  /// Reads any JSON value, as it was written. False when it is absent.
  bool any(std::string_view key, std::string_view& out) const;

  bool fail(errc code, std::string message);
  bool failed() const { return failed_; }
  /// The first of them. When `failed`.
  troupe::error error() && { return std::move(error_); }

private:
  /// Reads a string of any length. False when it is absent, null or wrong.
  bool text(std::string_view key, std::string& out);
  bool topic(std::string_view key, std::string& out);
  bool topic_list(std::string_view key, std::vector<std::string>& out);
  bool position(const std::string& place, const json_slice& value, troupe::position& out);

  const std::vector<json_member>& members_;
  const limits& bounds_;
  troupe::error error_;
  bool failed_ = false;
};

} // namespace troupe
