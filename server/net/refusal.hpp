// How those are sent away who may not come in. Runs on the I/O loop.
#pragma once

#include "server/net/descriptor.hpp"
#include "server/net/http.hpp"
#include "troupe/wire/errors.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace troupe {

class http_session;

/// Completes the handshake and closes with `code`: a browser tells its page nothing about a
/// handshake that fails, but does about a close. No connection comes into being. `handshake` is
/// what `answer_handshake` gave.
void reject_upgrade(http_session& who, std::string handshake, close_code code,
                    std::string_view reason);

/// 503 with `Retry-After`.
http_response busy_response(std::string message);

/// 429 with `Retry-After`, rounded up to seconds.
http_response too_many_response(std::chrono::nanoseconds wait);
/// 403, for a banned address.
http_response banned_response();

/// Closes a socket that was accepted and is not to cost more than that; before, if it
/// `speaks_http`, says 503 as far as the kernel takes it at once.
void reject(descriptor socket, bool speaks_http);
/// The same with `banned_response`.
void reject_banned(descriptor socket, bool speaks_http);

} // namespace troupe
