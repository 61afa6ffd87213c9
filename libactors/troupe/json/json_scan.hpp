// Reads a JSON object without building it: one pass that checks the whole text and says where the
// top-level values are. Pure.
//
// What a client says is passed on as it was written, so the server needs the bytes of a value, not
// its tree. The grammar is RFC 8259 and nothing else: no trailing commas, no comments, no lone
// surrogates, nothing but blanks after the value (a zero byte is none). An object that has a key
// twice, escaped or not, is refused at any depth: parsers differ in which of the two they believe.
// Text must be valid UTF-8 already (the WebSocket and HTTP layers check that).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

enum class json_kind : std::uint8_t { object, array, string, number, boolean, null };

/// One value as it stands in the text; for a string, `text` is what is between the quotes.
struct json_slice {
  std::string_view text;
  json_kind kind = json_kind::null;
  bool escaped = false; ///< a string with backslashes: take it through `json_unescape`

  /// The bytes of the value itself: for a string, with its quotes.
  std::string_view raw() const {
    return kind == json_kind::string ? std::string_view{text.data() - 1, text.size() + 2} : text;
  }
};

struct json_member {
  json_slice key;
  json_slice value;
};

/// What is wrong, for a person, and at which byte.
struct json_error {
  std::string_view what;
  std::size_t at = 0;
  bool too_many = false; ///< JSON as far as it was read, but with more members than are taken
};

/// Longest number a message may contain, characters: more digits than any program keeps.
inline constexpr std::size_t json_number_bytes_max = 64;

/// Most members an object may have that is looked into: a request has about ten.
inline constexpr std::size_t json_members_max = 64;

/// Checks that `text` is one object, nested at most `depth_max` (64 at most) levels and with at
/// most `json_members_max` members of its own, and appends these to `out` in order. The slices
/// point into `text`.
std::optional<json_error> scan_object(std::string_view text, unsigned depth_max,
                                      std::vector<json_member>& out);

/// Checks that `text` is one JSON value of any kind.
std::optional<json_error> scan_value(std::string_view text, unsigned depth_max, json_slice& out);

/// Appends the elements of `array`, a slice that a scan has found to be an array.
void scan_elements(const json_slice& array, std::vector<json_slice>& out);

/// Appends the members of `object`, a slice that a scan has found to be an object.
void scan_members(const json_slice& object, std::vector<json_member>& out);

/// The value under `key` in `object`, a slice that a scan has found to be an object.
std::optional<json_slice> find_member(const json_slice& object, std::string_view key);

/// The characters of a string slice.
std::string json_unescape(const json_slice& string);

} // namespace troupe
