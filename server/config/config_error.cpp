#include "server/config/config_error.hpp"

#include "server/log/printable.hpp"

namespace troupe {

std::string to_string(const config_error& error) {
  std::string out;
  append_escaped(out, error.source, escape_style::text);
  if (error.line > 0)
    out += ':' + std::to_string(error.line) + ':' + std::to_string(error.column);
  if (!out.empty())
    out += ": ";
  if (!error.key.empty()) {
    append_escaped(out, error.key, escape_style::text, 100);
    out += ": ";
  }
  return out + error.message;
}

} // namespace troupe
