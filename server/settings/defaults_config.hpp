// What holds for rooms and topics where their namespace says nothing else, or they have none:
// `[defaults]`. Pure.
#pragma once

#include "troupe/access.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe {

struct defaults_config {
  std::uint32_t room_history_messages = 100; ///< kept of each room; 0: none
  std::chrono::milliseconds room_history{600'000};
  std::uint32_t topic_history_messages = 0;
  std::chrono::milliseconds topic_history{0};
  std::size_t history_bytes = 256 * 1024; ///< of each room and topic
  presence_mode room_presence_mode = presence_mode::list;
  presence_mode topic_presence_mode = presence_mode::off;
};

} // namespace troupe
