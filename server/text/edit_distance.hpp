// How far a misspelt word is from a known one. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace troupe {

/// How many letters must be changed, added, left out, or swapped with their neighbour. Takes time
/// in proportion to the product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

} // namespace troupe
