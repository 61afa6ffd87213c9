#include "troupe/wire/place_text.hpp"

#include "troupe/json/json_text.hpp"

namespace troupe {

std::string place_text(const position& at, std::uint64_t listeners) {
  std::string out = "{";
  if (!at.epoch.empty()) { // else it has no place
    out += R"("epoch":)";
    append_json_string(out, at.epoch);
    out += R"(,"offset":)";
    append_number(out, at.offset);
    out += ',';
  }
  out += R"("listeners":)";
  append_number(out, listeners);
  return out += '}';
}

} // namespace troupe
