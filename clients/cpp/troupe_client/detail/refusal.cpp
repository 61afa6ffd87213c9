#include "troupe_client/detail/refusal.hpp"

#include "troupe_client/detail/members.hpp"

#include <algorithm>
#include <charconv>

namespace troupe_client::detail {

std::optional<std::chrono::milliseconds> retry_after_of(std::string_view field) {
  constexpr int seconds_max = 3'600;
  int seconds = 0;
  const auto parsed = std::from_chars(field.data(), field.data() + field.size(), seconds);
  if (parsed.ec == std::errc::result_out_of_range)
    return std::chrono::seconds(seconds_max);
  if (parsed.ec != std::errc{} || parsed.ptr != field.data() + field.size() || seconds < 0)
    return std::nullopt;
  return std::chrono::seconds(std::min(seconds, seconds_max));
}

std::string refusal_text(int status, std::string_view body) {
  auto out = "status " + std::to_string(status);
  const auto said = json::parse(body, nullptr, false);
  if (const auto error = said.find("error"); said.is_object() && error != said.end())
    if (const auto why = text_in(*error, "message"); !why.empty())
      out += ": " + why;
  return out;
}

} // namespace troupe_client::detail
