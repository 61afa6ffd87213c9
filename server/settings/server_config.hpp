// What the server is told about itself: `[server]`. config.def says what each member means. Pure.
#pragma once

#include "server/settings/rejection.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

struct server_config {
  std::string name = "Troupe";
  std::string host = "0.0.0.0";
  std::uint16_t port = 8081;        ///< 0: any free one
  std::vector<std::string> origins; ///< as net/origin.hpp reads them; none: any
  rejection origin_reject = rejection::close;
  std::uint32_t loops = 0;        ///< 0: by the cores (thread_counts.hpp)
  std::uint32_t pool_threads = 0; ///< 0: by the cores (thread_counts.hpp)
  std::string default_room;       ///< or empty: none
  std::string inbox;              ///< or empty: none
  std::vector<std::string> reserved_names{"server"};
  std::chrono::milliseconds heartbeat{30'000};
  std::chrono::milliseconds drain{5'000};
  std::uint32_t drain_rate = 0; ///< connections a second; 0: spread evenly
};

} // namespace troupe
