// What a topic or room may be called (protocol, "Names"). Pure.
//
// Every name from outside passes here before it reaches a map, a NATS subject or a log line.
#pragma once

#include <cstddef>
#include <string_view>

namespace troupe {

inline constexpr std::size_t name_bytes_max = 128;

/// 1 to 128 bytes of `A-Z a-z 0-9 _ - . : @ /` in dot-separated tokens, none of them empty.
bool valid_name(std::string_view name);

/// An `event`: what a topic message's `type` may be. A token of a name: no dots needed, 1 to 64
/// bytes of `A-Z a-z 0-9 _ - . :`, and none of the types that the server itself gives a meaning.
bool valid_event(std::string_view event);

/// What a user may be called on screen: 1 to `bytes_max` bytes of UTF-8 without control characters.
bool valid_user(std::string_view user, std::size_t bytes_max);

} // namespace troupe
