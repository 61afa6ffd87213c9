// What the server is told about itself: `[server]`. Pure.
#pragma once

#include "server/settings/rejection.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

struct server_config {
  /// What clients read in their first frame: "Connected to <name>".
  std::string name = "Troupe";

  /// Address and TCP port to listen on; port 0 takes any free one.
  std::string host = "0.0.0.0";
  std::uint16_t port = 8081;

  /// Origins of the web pages that may connect, as net/origin.hpp reads them; none: any. And what
  /// the others get.
  std::vector<std::string> origins;
  rejection origin_reject = rejection::close;

  /// Threads that own sockets, rooms and topics, and threads for actors on no loop; 0: by the
  /// cores.
  std::uint32_t loops = 0;
  std::uint32_t pool_threads = 0;

  /// Between two pings; a client that stays silent for two of them is gone.
  std::chrono::milliseconds heartbeat{30'000};

  /// Over how long connections are closed after SIGTERM, and at most how many a second; 0: spread
  /// evenly.
  std::chrono::milliseconds drain{5'000};
  std::uint32_t drain_rate = 0;
};

} // namespace troupe
