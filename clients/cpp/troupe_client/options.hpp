// What a client can be told when it is made.
#pragma once

#include "troupe_client/token_source.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace boost::asio::ssl {
class context;
} // namespace boost::asio::ssl

namespace troupe_client {

/// What becomes of a request while the client is not connected.
enum class when_offline {
  wait,   ///< until it is connected again, up to `waiting_max` and `deadline`
  reject, ///< `offline`, at once
};

struct options {
  using milliseconds = std::chrono::milliseconds;

  token_source token{};
  std::string user{}; ///< the name that others see; a token's name goes before it
  when_offline offline = when_offline::wait;
  std::size_t waiting_max = 256;
  milliseconds deadline{30'000}; ///< of a request, from when it is made to its answer

  milliseconds base{
    1'000}; ///< the first delay is at most that, each next one at most twice as long
  milliseconds max{30'000};     ///< and none is longer
  milliseconds attempt{10'000}; ///< an attempt ends after that
  milliseconds reset{5'000};    ///< delays start over when a connection has been open for so long

  std::optional<milliseconds>
    ping{}; ///< `ping` after so much silence; default: the server's heartbeat and a bit
  milliseconds dead{10'000}; ///< the connection is lost after so much more
  milliseconds leave{100};   ///< a room or topic that nobody listens to is left after that

  /// For wss; without one, the certificates that this machine trusts.
  std::shared_ptr<boost::asio::ssl::context> tls{};
  std::string user_agent = "troupe-client-cpp";
};

/// Of one message or publication: the protocol, "To whom, and for how long".
struct send_options {
  std::string to_role{};            ///< for those of this role only
  bool except_me = false;           ///< not to this connection
  std::chrono::milliseconds ttl{0}; ///< for that long; 0: as long as it is kept
  std::string event{};              ///< of a publication: its `type`
  std::string user{};               ///< of a message: the name that others see
  std::string msg_id{};             ///< the client makes one where this is empty
};

} // namespace troupe_client
