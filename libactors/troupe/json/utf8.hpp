// Checks that bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace troupe {

bool valid_utf8(std::string_view bytes);

/// Of a text whose end has not come: how many bytes of it are whole characters. At most three more
/// may be the beginning of another. Nothing when no text can begin so.
std::optional<std::size_t> whole_characters(std::string_view bytes);

} // namespace troupe
