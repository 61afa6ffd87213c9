// `troupe tail`: prints the messages on a NATS subject as JSON lines. Uses no actors. Ends with
// SIGINT or SIGTERM.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace troupe {

struct tail_command {
  std::string subject{};          ///< perhaps with wildcards
  std::string nats{};             ///< nats://…; may hold a password, and is never printed
  std::string credentials_file{}; ///< or empty
  std::uint64_t count = 0;        ///< lines to print; 0: until it is told to end
};

/// One line a message to `out`, anything else to `err`; returns the exit code: 0 when it was told
/// to end, 1 when it cannot listen (any longer).
int run_tail(const tail_command& wanted, std::ostream& out, std::ostream& err);

/// The line for a message of NATS: `{"time","subject","data"}` with the payload as it is when that
/// is JSON, else under `text` or `base64`; `reply` where an answer is awaited.
struct tailed_message {
  std::string_view subject;
  std::string_view reply;
  std::string_view payload;
};
std::string tail_line(const tailed_message& message, std::string_view timestamp);

} // namespace troupe
