#include "server/net/refusal.hpp"

#include "server/net/http_session.hpp"
#include "troupe/wire/frame.hpp"

#include <array>

#include <sys/socket.h>

namespace troupe {

namespace {

void send_away(const descriptor& socket, std::string_view response) {
  // Closing with a request unread would reset the connection, and the answer with it.
  std::array<char, 4096> request;
  while (::recv(socket.get(), request.data(), request.size(), MSG_DONTWAIT) ==
         static_cast<ssize_t>(request.size())) {
  }
  ::send(socket.get(), response.data(), response.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(socket.get(), SHUT_WR);
}

} // namespace

void reject_upgrade(http_session& who, std::string handshake, close_code code,
                    std::string_view reason) {
  who.respond_raw(handshake.append(close_frame(code, reason)->bytes()));
}

http_response busy_response(std::string message) {
  auto response = error_response({errc::unavailable, std::move(message)});
  response.fields = {{"Retry-After", "5"}};
  return response;
}

http_response too_many_response(std::chrono::nanoseconds wait) {
  auto response =
    error_response({errc::rate_limited, "Too many refused requests from this address"});
  response.fields = {
    {"Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count())}};
  return response;
}

http_response banned_response() {
  return error_response({errc::insufficient_permissions, "This address is banned"});
}

void reject(descriptor socket, bool speaks_http) {
  static const std::string response =
    serialize(busy_response("Too many connections, try again later"), {.keep_alive = false});
  if (speaks_http)
    send_away(socket, response);
}

void reject_banned(descriptor socket, bool speaks_http) {
  static const std::string response = serialize(banned_response(), {.keep_alive = false});
  if (speaks_http)
    send_away(socket, response);
}

} // namespace troupe
