// Members of a frame that may be missing, or of another type.
#pragma once

#include "troupe_client/frame.hpp"

#include <cstdint>
#include <string>

namespace troupe_client::detail {

inline std::string text_in(const json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

inline std::int64_t number_in(const json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_number() ? found->get<std::int64_t>() : 0;
}

inline failure failure_in(const json& error) {
  failure out;
  out.name = text_in(error, "code");
  out.code = errc_of(out.name);
  out.message = text_in(error, "message");
  out.retry_after = std::chrono::milliseconds(number_in(error, "retry_after_ms"));
  return out;
}

} // namespace troupe_client::detail
