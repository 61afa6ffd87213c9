// What an operation ends with: a value, or a failure with a code to match on. Errors are values;
// only `result::value()` of one that failed throws.
#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace troupe_client {

/// The server's codes (the protocol, "Errors"), and below them the client's own.
enum class errc {
  bad_json = 1,
  bad_request,
  unknown_type,
  invalid_name,
  insufficient_permissions,
  rate_limited,
  limit_exceeded,
  not_in_room,
  not_found,
  timeout, ///< the server's, or this request's own time is over
  unavailable,
  internal,
  other, ///< one that this client does not know: `failure::name` has it

  connection_lost,  ///< before there was an answer; it may have been carried out
  offline,          ///< not connected now, and not to wait
  too_many_waiting, ///< as many as may wait do
  closed,           ///< the client has ended
  aborted,          ///< by who asked
};

const std::error_category& category() noexcept;

inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), category()};
}

/// `rate_limited`, say; for `other`: `other`.
std::string_view name_of(errc code) noexcept;
errc errc_of(std::string_view name) noexcept;

struct failure {
  errc code = errc::other;
  std::string name{};    ///< the code as the server writes it
  std::string message{}; ///< for people
  std::chrono::milliseconds retry_after{0};

  failure() = default;
  failure(errc of, std::string text) // NOLINT(google-explicit-constructor)
    : code(of),
      name(name_of(of)),
      message(std::move(text)) {}
};

inline std::error_code make_error_code(const failure& why) noexcept {
  return make_error_code(why.code);
}

template <class T>
using result = boost::system::result<T, failure>;

/// Found by `result::value()`.
[[noreturn]] void throw_exception_from_error(const failure& why, const boost::source_location&);

/// A place in a room or topic.
struct position {
  std::string epoch{}; ///< empty: what has no place, as a message for some
  std::uint64_t offset = 0;

  bool operator==(const position&) const = default;
};

} // namespace troupe_client

template <>
struct std::is_error_code_enum<troupe_client::errc> : std::true_type {};
