// `GET /metrics`: what the server counts, in Prometheus' text format. Runs on the I/O loop of the
// socket that asked. The loops' counters are read where they are; only what waits in the outboxes
// is asked of each loop's outlet, and a loop that does not answer shows what it last said.
#pragma once

#include "server/net/http.hpp"
#include "server/net/io_loop.hpp"
#include "troupe/server_context.hpp"

#include <functional>
#include <string_view>

namespace troupe {

struct metrics_access {
  io_loop& loop;
  const server_context& context;
  std::string_view key; ///< that the request must bring as `Authorization: Bearer`; or empty
  bool ready;           ///< what `/readyz` says
};

/// Answers once, at once or later, on `access.loop`.
void respond_with_metrics(const metrics_access& access, const http_request& request,
                          std::function<void(const http_response&)> respond);

} // namespace troupe
