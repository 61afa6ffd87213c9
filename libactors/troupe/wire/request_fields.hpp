// Checked access to the fields of a JSON request: a client's frame, or the body of an API call.
// Pure.
//
// The first field that is wrong is remembered, with a message that names it; what is read after it
// does not matter.
#pragma once

#include "troupe/json/json_scan.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/limits.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

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

  /// Reads the name of a room or topic. False when it is absent, null or wrong.
  bool name(std::string_view key, std::string& out);
  void required_name(std::string_view key, std::string& out);

  /// Reads `user`, if there is one.
  void user(std::string& out);
  /// Reads `event`, if there is one.
  void event(std::string& out);

  /// Reads `topics`, `topic` or `channel`, as clients of different ages write it.
  void topics(std::vector<std::string>& out, bool& by_channel);

  /// Reads any JSON value, as it was written. False when it is absent.
  bool any(std::string_view key, std::string_view& out) const;

  bool fail(errc code, std::string message);
  bool failed() const { return failed_; }
  /// The first of them. When `failed`.
  troupe::error error() && { return std::move(error_); }

private:
  bool names(std::string_view key, std::vector<std::string>& out);

  const std::vector<json_member>& members_;
  const limits& bounds_;
  troupe::error error_;
  bool failed_ = false;
};

} // namespace troupe
