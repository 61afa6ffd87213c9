// Members of a frame that may be missing, or of another type, or without measure.
#pragma once

#include "troupe_client/frame.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

namespace troupe_client::detail {

inline std::string text_in(const json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// From 0 to `most`, whatever the server says; 0 where there is no number.
inline std::int64_t number_in(const json& of, const char* key, std::int64_t most) {
  const auto found = of.find(key);
  if (found == of.end() || !found->is_number())
    return 0;
  if (found->is_number_unsigned())
    return static_cast<std::int64_t>(
      std::min(found->get<std::uint64_t>(), static_cast<std::uint64_t>(most)));
  if (found->is_number_integer())
    return std::clamp(found->get<std::int64_t>(), std::int64_t{0}, most);
  const auto number = found->get<double>();
  if (number >= static_cast<double>(most))
    return most;
  return number > 0 ? static_cast<std::int64_t>(number) : 0;
}

/// No server makes anybody wait for more than a day.
inline std::chrono::milliseconds wait_in(const json& of, const char* key) {
  return std::chrono::milliseconds(
    number_in(of, key, std::chrono::milliseconds(std::chrono::days(1)).count()));
}

inline bool flag_in(const json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_boolean() && found->get<bool>();
}

/// Without an offset it is 0.
inline position position_in(const json& of) {
  const auto offset = of.find("offset");
  return {text_in(of, "epoch"), offset != of.end() && offset->is_number_unsigned()
                                  ? offset->get<std::uint64_t>()
                                  : std::uint64_t{0}};
}

inline failure failure_in(const json& error) {
  failure out;
  out.name = text_in(error, "code");
  out.code = errc_of(out.name);
  out.message = text_in(error, "message");
  out.retry_after = wait_in(error, "retry_after_ms");
  return out;
}

} // namespace troupe_client::detail
