// The server's log: lines of text or of JSON, on standard error.
//
// A call renders its line and puts it on a bounded queue; one thread of the log's own writes the
// queue out. When that thread falls behind (a stopped terminal, a full pipe), the oldest lines are
// lost and counted, and no caller ever waits. Lines of the audit (audit.hpp) have a queue and a
// thread beside these. Thread-safe, but for start and stop.
#pragma once

#include "server/settings/log_config.hpp"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>

namespace troupe {

/// One named value of a line: ` port=8081` in text, `,"port":8081` in JSON. Holds no copy: make it
/// in the call that logs it. JSON lines begin with `time`, `level` and `message`: not names to use.
struct log_field {
  using value_type = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  std::string_view key;
  value_type value;

  log_field(std::string_view k, std::string_view text) : key(k), value(text) {}
  log_field(std::string_view k, double number) : key(k), value(number) {}
  template <std::integral T>
  log_field(std::string_view k, T number) : key(k) {
    if constexpr (std::same_as<T, bool>)
      value = number;
    else if constexpr (std::is_signed_v<T>)
      value = std::int64_t{number};
    else
      value = std::uint64_t{number};
  }
};

using log_fields = std::initializer_list<log_field>;

/// Starts the log; before, lines go nowhere. Lines go to `descriptor`, which stays the caller's.
/// Also makes this the default logger of spdlog, so that a library's lines come out the same way.
void start_logging(const log_config& config, int descriptor = 2);

/// Writes out what is waiting, for at most two seconds, and ends the log's thread. Lines logged
/// afterwards go nowhere. Call it last, from `main`.
void stop_logging();

/// Whether a line of this level would be written: ask before preparing an expensive one.
bool logs(log_level level);

/// Lines lost so far because they were logged faster than they could be written.
std::uint64_t log_lines_lost();

void log_line(log_level level, std::string_view message, log_fields fields = {});
void log_line(log_level level, std::string_view message, std::span<const log_field> fields);

/// A line that anybody outside can cause as often as they like. Of each `message` the first few are
/// written, and every ten seconds how many more there were.
void log_repeated(log_level level, std::string_view message, log_fields fields = {});

/// The two for lines with `audit=true`, which have their own queue. See audit.hpp.
void log_audit_line(std::string_view message, std::span<const log_field> fields);
void log_repeated_audit_line(std::string_view message, std::span<const log_field> fields);

inline void log_trace(std::string_view message, log_fields fields = {}) {
  log_line(log_level::trace, message, fields);
}
inline void log_debug(std::string_view message, log_fields fields = {}) {
  log_line(log_level::debug, message, fields);
}
inline void log_info(std::string_view message, log_fields fields = {}) {
  log_line(log_level::info, message, fields);
}
inline void log_warning(std::string_view message, log_fields fields = {}) {
  log_line(log_level::warning, message, fields);
}
inline void log_error(std::string_view message, log_fields fields = {}) {
  log_line(log_level::error, message, fields);
}

} // namespace troupe
