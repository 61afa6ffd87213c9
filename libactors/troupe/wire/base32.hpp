// Numbers as lower-case letters and digits, for texts that people copy and URLs carry. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Characters of a number.
inline constexpr std::size_t base32_length = 13;

/// Letters `a` to `z` and digits `2` to `7`, the highest five bits first.
std::string base32(std::uint64_t number);

/// The number that `base32` writes so; nothing for any other text.
std::optional<std::uint64_t> read_base32(std::string_view text);

} // namespace troupe
