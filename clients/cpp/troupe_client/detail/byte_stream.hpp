// A TCP socket, with or without TLS over it: one type, so that all that Beast makes of templates is
// made once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace troupe_client::detail {

class byte_stream {
public:
  using executor_type = boost::asio::any_io_executor;
  using tcp = boost::asio::ip::tcp;
  using tls_type = boost::asio::ssl::stream<tcp::socket&>;

  byte_stream(executor_type on, std::shared_ptr<boost::asio::ssl::context> context)
    : socket_(std::move(on)),
      context_(std::move(context)) {
    if (context_)
      tls_.emplace(socket_, *context_);
  }

  executor_type get_executor() { return socket_.get_executor(); }
  tcp::socket& socket() { return socket_; }
  tls_type* tls() { return tls_ ? &*tls_ : nullptr; }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& into, Handler&& handler) {
    if (tls_)
      tls_->async_read_some(into, std::forward<Handler>(handler));
    else
      socket_.async_read_some(into, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& from, Handler&& handler) {
    if (tls_)
      tls_->async_write_some(from, std::forward<Handler>(handler));
    else
      socket_.async_write_some(from, std::forward<Handler>(handler));
  }

  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

private:
  tcp::socket socket_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::optional<tls_type> tls_;
};

// Beast finds these two by the type.

inline void beast_close_socket(byte_stream& stream) {
  stream.close();
}

template <class Handler>
void async_teardown(boost::beast::role_type role, byte_stream& stream, Handler&& handler) {
  using boost::beast::websocket::async_teardown;
  async_teardown(role, stream.socket(), std::forward<Handler>(handler));
}

} // namespace troupe_client::detail
