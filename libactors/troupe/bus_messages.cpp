#include "troupe/bus_messages.hpp"

#include "troupe/messages.hpp"

namespace troupe {

static_assert(caf::id_block::troupe_last_type_id < caf::id_block::troupe_bus_first_type_id);

bool valid_subject(std::string_view subject) {
  constexpr std::size_t bytes_max = 256;
  if (subject.empty() || subject.size() > bytes_max)
    return false;
  char previous = '.';
  for (const char c : subject) {
    if (c <= ' ' || c >= 0x7f || c == '*' || c == '>' || (c == '.' && previous == '.'))
      return false;
    previous = c;
  }
  return previous != '.';
}

} // namespace troupe
