// The server-side API: `/api/v1/…` with an API key or an admin's token (protocol, "Server-side
// API"). Runs on the I/O loop of the socket that asked; each call is an actor of its own that waits
// for the answer.
#pragma once

#include "server/net/http.hpp"
#include "server/net/io_loop.hpp"
#include "troupe/server_context.hpp"
#include "troupe/wire/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Somebody who may not call.
struct refused_caller {
  http_response told;
  std::string who{}; ///< for the audit log; or empty
  std::string why{}; ///< the same
};

/// What the audit log calls the caller, who has one of `keys` or an admin's token.
result<std::string, refused_caller> caller_of(const server_context& context,
                                              const std::vector<std::string>& keys,
                                              const http_request& request);

/// Carries out one call and answers it, at once or later, always on `loop`.
void call_api(io_loop& loop, const server_context& context, std::string caller,
              const http_request& request, std::string_view path,
              std::function<void(const http_response&)> respond);

} // namespace troupe
