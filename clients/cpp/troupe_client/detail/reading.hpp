// What the server has sent, as JSON. What others have written is in it: numbers that no `double`
// holds, and values nested deeper than anybody reads. Pure.
#pragma once

#include "troupe_client/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe_client::detail {

/// What walks over a value calls itself for each level. A server lets 64 through.
inline constexpr std::size_t depth_max = 256;

/// A number beyond the range of a `double` becomes the largest there is, or its negative. Text that
/// is no JSON or nested too deeply is discarded.
json read_json(std::string_view text);

/// The request that a text answers, by what stands at its top level, though it can't be read as a
/// whole.
std::optional<std::uint64_t> answered_by(std::string_view text);

/// What is published may have any other type, and an `id` of its own.
bool is_answer(std::string_view type);

} // namespace troupe_client::detail
