// What a sender that is no client is told of the place its message got. Pure.
#pragma once

#include "troupe/wire/ids.hpp"

#include <cstdint>
#include <string>

namespace troupe {

/// `{"epoch":"…","offset":n,"listeners":n}`; without epoch and offset where `at` has no epoch.
std::string place_text(const position& at, std::uint64_t listeners);

} // namespace troupe
