// What a configuration leaves open to whoever reaches the port, and what it says in vain. Pure.
#pragma once

#include "server/config/load_config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// One line for each thing that is open to anybody or has no effect, for `troupe check` and for the
/// log at start.
std::vector<std::string> exposure_warnings(const config& settings);

/// Whether anybody can prove who they are.
bool knows_tokens(const auth_config& auth);
constexpr std::string_view needed_for_tokens = "secret, public_key_file or jwks_file";

} // namespace troupe
