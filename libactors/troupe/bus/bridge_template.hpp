// A name, type or subject with holes: `orders.{1}`, `{data.topic|order.update}`, `rooms.{name}`.
// Pure.
//
//   {1} {2} …            what the first, second … `*` of the pattern stood for
//   {>}                  what `>` stood for
//   {data.a.b}           field `b` of the object in field `a` of the payload: a string or a number
//   {data.a.b|default}   the same, or `default` when there is no such field, or it or `a` is null
//   {name} {event}       a room's or topic's name; the name of a life-cycle event (outward only)
//
// The result contains text from outside: the caller checks it.
#pragma once

#include "troupe/bus/bridge_payload.hpp"
#include "troupe/subject_pattern.hpp"
#include "troupe/wire/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class bridge_template {
public:
  /// Empty: fills to nothing.
  bridge_template() = default;

  /// The error names what is wrong: "braces that do not match".
  static text_result<bridge_template> parse(std::string_view text);

  /// What the holes are filled from; what a template does not use may be left out.
  struct source {
    const captured* pattern = nullptr;
    const bridge_payload* payload = nullptr;
    std::string_view name{};
    std::string_view event{};
  };
  enum class filled : std::uint8_t {
    yes,
    absent, ///< a field is not there and has no default
    wrong   ///< a field is neither a string nor a number, one on the way to it is no object, or the
            ///< whole is too long
  };
  /// Sets `out`, of at most `bytes_max` bytes; longer is `wrong`.
  filled fill(const source& from, std::string& out) const;
  static constexpr std::size_t bytes_max = 1024;

  /// What it asks of its source.
  struct needs {
    std::size_t tokens = 0; ///< the highest number of a `*`
    bool rest = false;
    bool data = false;
    bool data_without_default = false;
    bool name = false;
    bool event = false;
  };
  needs asks_for() const;

  bool empty() const { return parts_.empty(); }
  /// Whether some source fills it to this text.
  bool may_become(std::string_view text) const;

  /// Whether it has no holes; and what comes before the first.
  bool fixed() const;
  std::string_view head() const;

private:
  enum class origin : std::uint8_t { literal, token, rest, data, name, event };
  struct part {
    origin what = origin::literal;
    std::string text{}; ///< the literal, or the default
    bool has_default = false;
    std::size_t number = 0;          ///< of the token
    std::vector<std::string> path{}; ///< of the field
  };

  static bool parse_hole(std::string_view hole, part& out);
  filled append(const part& each, const source& from, std::string& out) const;

  std::vector<part> parts_;
};

/// `a.b` as the keys `a` and `b`; empty when that is no path of at most 8 keys, each at most 128
/// bytes without quotes, backslashes, braces and control characters, and without blanks at its
/// ends.
std::vector<std::string> parse_field_path(std::string_view text);

} // namespace troupe
