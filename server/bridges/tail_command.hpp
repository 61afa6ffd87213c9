// `troupe tail`: prints the messages on a NATS subject, or on a topic of a running server, as JSON
// lines. Uses no actors. Ends with SIGINT or SIGTERM.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace troupe {

struct tail_command {
  std::string name{}; ///< a subject, perhaps with wildcards; or, with `url`, a topic or a pattern
  std::string nats{}; ///< nats://…; may hold a password, and is never printed
  std::string credentials_file{}; ///< for NATS; or empty
  std::string url{};              ///< ws:// or wss://host:port[/path] of a server; or empty
  std::string token{};            ///< for the server, never printed; or empty
  std::uint64_t count = 0;        ///< lines to print; 0: until it is told to end
};

/// One line a message to `out`, anything else to `err`; returns the exit code: 0 when it was told
/// to end, 1 when it cannot listen (any longer).
int run_tail(const tail_command& wanted, std::ostream& out, std::ostream& err);

/// The two halves of it.
int tail_subject(const tail_command& wanted, std::ostream& out, std::ostream& err);
int tail_topic(const tail_command& wanted, std::ostream& out, std::ostream& err);

/// The line for a message of NATS: `{"time","subject","data"}` with the payload as it is when that
/// is JSON, else under `text` or `base64`; `reply` where an answer is awaited.
struct tailed_message {
  std::string_view subject;
  std::string_view reply;
  std::string_view payload;
};
std::string tail_line(const tailed_message& message, std::string_view timestamp);

/// JSON text on one line: what is between its values may be any blanks.
void append_one_line(std::string& out, std::string_view json);

} // namespace troupe
