// Base64 as tokens write it (RFC 7515 section 2): `-` and `_`, no padding. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// The bytes, or nothing where `text` is not exactly what `base64url_encode` makes of them: other
/// characters, padding, blanks, a lone last character, and bits beyond the last byte are refused.
std::optional<std::string> base64url_decode(std::string_view text);

std::string base64url_encode(std::string_view bytes);

} // namespace troupe
