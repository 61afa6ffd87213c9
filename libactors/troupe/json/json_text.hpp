// Writes JSON text straight into a buffer. Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace troupe {

/// Appends `text` (UTF-8) as a JSON string, quotes included. Control characters, U+2028 and U+2029
/// are escaped, so that the result is also safe inside a line of a log and inside JavaScript.
void append_json_string(std::string& out, std::string_view text);

void append_number(std::string& out, std::uint64_t number);
void append_number(std::string& out, std::int64_t number);
/// The shortest text that reads as the same number. JSON has none for what is not finite: `null`.
void append_number(std::string& out, double number);
template <std::integral Integer>
void append_number(std::string& out, Integer number) {
  using widest = std::conditional_t<std::is_signed_v<Integer>, std::int64_t, std::uint64_t>;
  append_number(out, static_cast<widest>(number));
}

/// Fields of a JSON object, written one after the other: `,"a":1,"b":"x"`. It begins with a comma
/// because the frame it goes into always has its `type` before.
class json_fields {
public:
  json_fields& text(std::string_view key, std::string_view value);
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) json_fields& number(std::string_view name, Integer value) {
    key(name);
    append_number(out_, value);
    return *this;
  }
  /// What is not finite becomes null.
  json_fields& number(std::string_view key, double value);
  json_fields& flag(std::string_view key, bool value);
  json_fields& null(std::string_view key);
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
