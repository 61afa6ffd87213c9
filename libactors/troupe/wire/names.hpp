// What a topic or room may be called (protocol, "Names"). Pure.
//
// Every name from outside passes here before it reaches a map, a NATS subject or a log line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

inline constexpr std::size_t name_bytes_max = 128;

/// What a user without any name is called on screen.
inline constexpr std::string_view anonymous_name = "Anonymous";

/// 1 to 128 bytes of `A-Z a-z 0-9 _ - . : @ /` in dot-separated tokens, none of them empty.
bool valid_name(std::string_view name);

/// What may be subscribed to besides a name: a name of 1 to 128 bytes in which parts are `*`, or
/// the last one is `>`.
bool valid_topic_pattern(std::string_view pattern);
/// Each part takes memory on every loop.
inline constexpr std::size_t pattern_parts_max = 16;
/// Whether a text is no name, but a pattern if it is anything.
inline bool has_wildcard(std::string_view name) {
  return name.find_first_of("*>") != std::string_view::npos;
}

/// An `event`: what a topic message's `type` may be, where the server itself or a service publishes
/// it. A token of a name: no dots needed, 1 to 64 bytes of `A-Z a-z 0-9 _ - . :`, and none of the
/// types that the protocol gives a meaning (server_events.def).
bool valid_event(std::string_view event);

/// The types of frames that `valid_event` refuses to all.
std::vector<std::string_view> reserved_events();
/// Those that it takes and `free_for_clients` does not.
std::vector<std::string_view> events_of_services();

/// What a user may be called on screen: 1 to `bytes_max` bytes of UTF-8 of which every character is
/// seen, where it stands, as it was given. So no control characters and no marks that reorder a
/// line; joiners and variation selectors only beside characters that they are meant for (emoji,
/// scripts beyond ASCII); and no blanks at its ends.
bool valid_display_name(std::string_view name, std::size_t bytes_max);
/// The same text without the blanks at its ends, of any kind in Unicode; `name` is valid UTF-8.
std::string_view without_blank_ends(std::string_view name);
/// Whether a display name looks like one of `taken`, which clients may not call themselves: ASCII
/// letters in any case, blanks of any kind and number, and without what only chooses a form.
inline constexpr std::string_view taken_display_name = "'user' is a name of the server's own";
bool is_taken(std::string_view name, const std::vector<std::string>& taken);
/// What to answer to one that is none: it names the field `user`.
std::string bad_display_name(std::size_t bytes_max);

/// What a user's id, or a role, may be where it is looked up or logged: 1 to `bytes_max` bytes of
/// UTF-8 without control characters and marks that reorder a line.
bool valid_user_id(std::string_view id, std::size_t bytes_max);

/// Whether clients may publish under this valid `event`: not as `announcement` or `notification`,
/// which are a service's word.
bool free_for_clients(std::string_view event);

} // namespace troupe
