// One WebSocket connection, from resolving the name to the close frame. It knows nothing of what
// the frames mean. Behind an interface, so that Beast is compiled in one file.
#pragma once

#include "troupe_client/detail/endpoint.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
} // namespace boost::asio::ssl

namespace troupe_client::detail {

struct wire_end {
  int code = 0;         ///< of the server's close frame; 0: there was none
  std::string reason{}; ///< the close frame's, or what went wrong
  int http_status = 0;  ///< of a refused handshake
  std::optional<std::chrono::milliseconds> retry_after{};
};

/// Called on the executor; `ended` once, as the last.
struct wire_events {
  std::function<void(std::string_view text)> text{};
  std::function<void()> alive{};   ///< something has come, if only a WebSocket ping
  std::function<void()> drained{}; ///< all that was sent has left
  std::function<void(wire_end)> ended{};
};

struct handshake {
  endpoint to{};
  std::string target{};
  std::string token{};
  std::string session{};
  std::string user_agent{};
  std::shared_ptr<boost::asio::ssl::context> tls{}; ///< for wss
};

/// Trusts what this machine trusts.
std::shared_ptr<boost::asio::ssl::context> trusting_context();

class wire {
public:
  virtual ~wire() = default;

  virtual void open() = 0;
  virtual void send(std::string text) = 0;
  virtual std::size_t queued_bytes() const = 0;
  /// Says goodbye behind what is still to be sent; `ended` follows when the server has answered.
  virtual void close() = 0;
  /// Ends at once; nothing is called any more.
  virtual void abandon() = 0;
};

/// `on` must run one thing at a time: a strand, say.
std::shared_ptr<wire> make_wire(boost::asio::any_io_executor on, handshake with,
                                wire_events events);

} // namespace troupe_client::detail
