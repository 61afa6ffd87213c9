#include "server/net/listener.hpp"

#include "server/log/log.hpp"

#include <boost/asio/ip/address.hpp>

#include <cerrno>

#include <sys/socket.h>

namespace troupe {

namespace asio = boost::asio;

namespace {

constexpr int backlog = 4096;

// Sockets accepted before those that are already open get their turn.
constexpr int accepts_per_turn = 64;

// When descriptors have run out, trying again at once would only burn the processor.
constexpr std::chrono::milliseconds pause_without_descriptors{100};

using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

} // namespace

listener::listener(http_door& door)
  : door_(door),
    acceptor_(door.loop().context()),
    pause_(door.loop().context()) {}

std::string listener::obstacle(const std::string& host, std::uint16_t port) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error)
    return "'" + host + "' is not an IP address";
  const asio::ip::tcp::endpoint endpoint{address, port};
  asio::io_context context;
  asio::ip::tcp::acceptor probe(context);
  probe.open(endpoint.protocol(), error);
  if (!error)
    probe.set_option(asio::socket_base::reuse_address(true), error);
  if (!error)
    probe.bind(endpoint, error);
  return error ? error.message() : std::string{};
}

std::variant<std::uint16_t, std::string> listener::bind(const std::string& host,
                                                        std::uint16_t port) {
  boost::system::error_code error;
  const asio::ip::tcp::endpoint endpoint{asio::ip::make_address(host, error), port};
  acceptor_.open(endpoint.protocol(), error);
  if (!error)
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error)
    acceptor_.set_option(reuse_port(true), error);
  if (!error)
    acceptor_.bind(endpoint, error);
  if (!error)
    acceptor_.listen(backlog, error);
  if (!error)
    acceptor_.native_non_blocking(true, error);
  if (error)
    return error.message();
  return acceptor_.local_endpoint().port();
}

void listener::start() {
  wait();
}

void listener::stop() {
  boost::system::error_code ignored;
  pause_.cancel();
  acceptor_.close(ignored);
}

void listener::wait() {
  acceptor_.async_wait(asio::socket_base::wait_read, [this](boost::system::error_code error) {
    if (!error)
      accept_waiting();
  });
}

void listener::accept_waiting() {
  for (int i = 0; i < accepts_per_turn; ++i) {
    const int fd =
      ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      tcp_socket socket(door_.loop().context());
      boost::system::error_code error;
      socket.assign(acceptor_.local_endpoint().protocol(), fd, error);
      if (error)
        ::close(fd);
      else
        door_.welcome(std::move(socket));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      log_warning("cannot accept: out of descriptors or memory", {{"errno", errno}});
      pause_.expires_after(pause_without_descriptors);
      pause_.async_wait([this](boost::system::error_code error) {
        if (!error)
          wait();
      });
      return;
    }
    if (errno != EINTR && errno != ECONNABORTED)
      break;
  }
  wait();
}

} // namespace troupe
