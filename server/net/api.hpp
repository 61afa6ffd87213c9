// The server-side API: `/api/v1/…` with an API key or an admin's token (protocol, "Server-side
// API"). Runs on the I/O loop of the socket that asked; each call is an actor of its own that waits
// for the answer.
#pragma once

#include "server/net/http.hpp"
#include "server/net/io_loop.hpp"
#include "troupe/server_context.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

struct api_access {
  io_loop& loop;
  const server_context& context;
  const std::vector<std::string>& keys;
};

/// Carries out one call and answers it, at once or later, always on `access.loop`.
void call_api(const api_access& access, const http_request& request, std::string_view path,
              std::function<void(const http_response&)> respond);

} // namespace troupe
