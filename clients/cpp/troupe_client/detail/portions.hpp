// The `subscribe` frames of one turn: as few as will do, none with more names or bytes than a
// server takes at once. Pure.
#pragma once

#include "troupe_client/frame.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace troupe_client::detail {

struct wanted_topic {
  std::string name{};
  bool presence = false;
  std::optional<position> recover{}; ///< how far it has been seen
};

struct portion {
  std::vector<std::string> names{};
  json request{}; ///< still without an `id`
};

inline constexpr std::size_t portion_names_max = 128;
inline constexpr std::size_t portion_bytes_max = 16 * 1024;

/// In the order in which they are wanted, those with presence in frames of their own.
std::vector<portion> portions_of(const std::vector<wanted_topic>& wanted);

} // namespace troupe_client::detail
