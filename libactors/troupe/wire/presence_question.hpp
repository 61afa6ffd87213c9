// A question for who is in a room or on a topic, from clients and from admins. Pure.
#pragma once

#include "troupe/wire/request_fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// A page: the first `limit` of them behind `after`.
struct presence_question {
  audience_kind kind = audience_kind::room;
  std::string name{};
  std::string after{}; ///< `next` of the page before; or empty: from the beginning
  std::uint32_t limit = 100;
};

/// By the fields `room` or `topic`, `after` and `limit`. `In` is `request_fields` or `field_notes`.
template <class In>
presence_question read_presence_question(In& in);

/// By these texts, which may be empty.
presence_question read_presence_question(request_fields& in, audience_kind kind, std::string name,
                                         std::string after, std::string_view limit);

} // namespace troupe
