// Files that are in the binary, and how they are answered: whole, or with a word to a browser that
// has this very version already. Pure.
#pragma once

#include "server/net/http.hpp"

#include <string_view>

namespace troupe {

struct embedded_file {
  std::string_view bytes;
  std::string_view content_type;
  std::string_view hash; ///< of the bytes
};

/// A browser keeps the file, and asks each time whether it is still the one: that costs a header,
/// and a page never meets a script of another version.
http_response file_response(const embedded_file& file, const http_header& request);

} // namespace troupe
