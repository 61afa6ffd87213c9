// JSON where two readers must never disagree: what a token or a key file says. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace troupe {

/// Deepest nesting of arrays and objects; issuers put objects of objects of lists into tokens.
inline constexpr unsigned strict_json_depth_max = 8;

/// Reads one object and nothing after it. False where `text` is none, names a member twice in any
/// object, nests too deeply, or is not UTF-8.
bool read_strict_object(std::string_view text, nlohmann::json& into);

} // namespace troupe
