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

bool valid_inbox(std::string_view subject, std::string_view prefix) {
  constexpr std::string_view gateway = "_GR_.", account = "_R_.", usual = "_INBOX";
  if (!valid_subject(subject))
    return false;
  if (subject.starts_with(gateway)) { // then two tokens for the way, and the inbox itself
    const auto way = subject.find('.', gateway.size());
    const auto end = way == std::string_view::npos ? way : subject.find('.', way + 1);
    if (end == std::string_view::npos)
      return false;
    subject.remove_prefix(end + 1);
  }
  const auto first = subject.substr(0, subject.find('.'));
  if (first.size() == subject.size()) // a single token is nobody's inbox
    return false;
  return first == usual || first.starts_with("_INBOX_") || subject.starts_with(account) ||
         (subject.starts_with(prefix) && subject.substr(prefix.size()).starts_with('.'));
}

} // namespace troupe
