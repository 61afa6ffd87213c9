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

/// Whether the request has `key` as `Authorization: Bearer`.
bool brings_key(const http_request& request, std::string_view key);

/// Answers once, later, on `loop`. `ready` is what `/readyz` says.
void respond_with_metrics(io_loop& loop, const server_context& context, bool ready,
                          std::function<void(const http_response&)> respond);

} // namespace troupe
