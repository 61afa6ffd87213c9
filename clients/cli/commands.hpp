// `troupe chat`, `troupe sub` and `troupe pub`: people and scripts at a running server. They stand
// on the C++ client and know nothing of the server but its protocol.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace troupe_cli {

/// What all three are told.
struct connection_options {
  std::string url{};   ///< ws://HOST[:PORT][/PATH] or wss://; also HOST[:PORT], and http for ws
  std::string token{}; ///< never printed; or empty
  std::string user{};  ///< the name that others see; or empty
  bool json = false;   ///< JSON lines, on a terminal too
};

struct chat_command {
  connection_options to{};
  std::string room{};
};

struct sub_command {
  connection_options to{};
  std::vector<std::string> topics{}; ///< or patterns
  std::uint64_t count = 0;           ///< messages to print; 0: until it is told to end
};

struct pub_command {
  connection_options to{};
  std::string topic{};
  std::string event{}; ///< the type of what is published; or empty
};

/// Each ends by itself, or with SIGINT or SIGTERM. Returns the exit code: 0 when it was told to end
/// or is through, 1 when it cannot do what it was asked for (any longer).
int run_chat(const chat_command& wanted);
int run_sub(const sub_command& wanted);
int run_pub(const pub_command& wanted);

} // namespace troupe_cli
