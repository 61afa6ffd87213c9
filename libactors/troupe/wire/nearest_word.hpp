// Which known word a misspelt one was meant to be: so the answer can say it. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace troupe {

/// How many letters must be changed, added, left out, or swapped with their neighbour. Takes time
/// in proportion to the product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `word` was most likely meant to be: at most `slips_max` letters away, fewer
/// for a short word, or beginning with it. How words are joined does not count: `roomsMax` is as
/// good as `rooms-max`. Empty when none is near.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates,
                              std::size_t slips_max = 3);

} // namespace troupe
