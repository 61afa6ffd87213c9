// A question for what was said in a room or on a topic, from clients and from admins. Pure.
#pragma once

#include "troupe/wire/request_fields.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// A page: messages with offsets below `before`, or above `after`, or the last ones.
struct history_question {
  audience_kind kind = audience_kind::topic;
  std::string name{};
  std::uint32_t limit = 100;
  std::optional<std::uint64_t> before{};
  std::optional<std::uint64_t> after{};
};

/// By the fields `room` or `topic`, `limit`, `before` and `after`. `In` is `request_fields` or
/// `field_notes`.
template <class In>
history_question read_history_question(In& in, const limits& bounds);

/// By these texts, which may be empty.
history_question read_history_question(request_fields& in, const limits& bounds, audience_kind kind,
                                       std::string name, std::string_view limit,
                                       std::string_view before, std::string_view after);

} // namespace troupe
