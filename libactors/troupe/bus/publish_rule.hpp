// An outward rule of a bridge: what is published, and on which subject. Pure.
//
// The subject comes from the operator's template, whose first token has no holes. Names fill the
// holes in the rest, and the result is checked again: no client chooses a subject.
#pragma once

#include "troupe/bus/bridge_template.hpp"
#include "troupe/event_tap.hpp"
#include "troupe/wire/timestamp.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// One `[[bridge.publish]]`.
struct publish_rule {
  enum class source : std::uint8_t { topics, rooms, life_cycle } from = source::rooms;
  std::string pattern{};     ///< of the names of topics or rooms
  bridge_template subject{}; ///< of `{name}`, `{event}`, `{1}`, `{>}`
  std::array<bool, 4> events{true, true, true,
                             true}; ///< of the life cycle, as they are named below
};
inline constexpr std::array<std::string_view, 4> life_cycle_names{"connected", "disconnected",
                                                                  "occupied", "vacated"};

/// Whether `rule` is about such events; then `out` is the subject, which is not checked.
bool subject_of(const publish_rule& rule, const tapped_event& event, std::string& out);

/// What is published of an event of the life cycle, JSON:
/// `{"type":"connected","connection_id":…,"user":{"id","username","roles"},"timestamp":…}`.
std::string life_cycle_payload(const tapped_event& event, wall_time time);

} // namespace troupe
