// Writes JSON text straight into a buffer. Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// Appends `text` (UTF-8) as a JSON string, quotes included. Control characters, U+2028 and U+2029
/// are escaped, so that the result is also safe inside a line of a log and inside JavaScript.
void append_json_string(std::string& out, std::string_view text);

void append_number(std::string& out, std::uint64_t number);

/// Fields of a JSON object, written one after the other: `,"a":1,"b":"x"`. It begins with a comma
/// because the frame it goes into always has its `type` before.
class json_fields {
public:
  json_fields& text(std::string_view key, std::string_view value);
  json_fields& number(std::string_view key, std::uint64_t value);
  json_fields& flag(std::string_view key, bool value);
  /// `value` must be JSON already: a slice of a checked message, or made by a JSON library.
  json_fields& raw(std::string_view key, std::string_view value);
  /// Fields that are written already, each with the comma before it.
  json_fields& written(std::string_view fields);

  std::string_view view() const { return out_; }

private:
  void key(std::string_view name);

  std::string out_;
};

} // namespace troupe
