// Base64 as RFC 4648 section 4 has it, with padding: bytes inside of JSON text. Pure.
#pragma once

#include <string>
#include <string_view>

namespace troupe {

void append_base64(std::string& out, std::string_view bytes);

} // namespace troupe
