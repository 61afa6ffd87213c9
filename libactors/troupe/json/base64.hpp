// Base64 with padding (RFC 4648 section 4): bytes inside JSON text. Pure.
#pragma once

#include <string>
#include <string_view>

namespace troupe {

void append_base64(std::string& out, std::string_view bytes);

} // namespace troupe
