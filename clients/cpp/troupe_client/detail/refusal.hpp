// A handshake that was answered without an upgrade: why, and when to try again. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace troupe_client::detail {

/// Of the seconds in `Retry-After`, an hour at most; dates are not understood.
std::optional<std::chrono::milliseconds> retry_after_of(std::string_view field);

/// `status 401: Token required`: the server says why in the body.
std::string refusal_text(int status, std::string_view body);

} // namespace troupe_client::detail
