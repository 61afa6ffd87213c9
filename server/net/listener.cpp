#include "server/net/listener.hpp"

#include "server/edge/socket_address.hpp"
#include "server/log/log.hpp"
#include "server/net/refusal.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace troupe {

namespace asio = boost::asio;

namespace {

constexpr int backlog = 4096;

// Sockets accepted before those that are already open get their turn.
constexpr int accepts_per_turn = 64;

// When descriptors have run out, trying again at once would only burn the processor.
constexpr std::chrono::milliseconds pause_without_descriptors{100};

using endpoint = asio::ip::tcp::endpoint;

text_result<endpoint> endpoint_of(const std::string& host, std::uint16_t port) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error)
    return fail("'" + host + "' is not an IP address");
  return endpoint{address, port};
}

constexpr std::chrono::minutes between_warnings{1};

// An honest client has sent its request by then.
constexpr std::chrono::milliseconds silent_for_long{200};

descriptor spare_descriptor() {
  return descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

std::string last_error() {
  return std::strerror(errno);
}

text_result<descriptor> bound_socket(const endpoint& where, bool shared) {
  const int yes = 1;
  descriptor out{
    ::socket(where.data()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP)};
  if (!out || ::setsockopt(out.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      (shared && ::setsockopt(out.get(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0) ||
      ::bind(out.get(), where.data(), static_cast<socklen_t>(where.size())) != 0)
    return fail(last_error());
  return out;
}

} // namespace

text_result<> listener::check_can_listen(const std::string& host, std::uint16_t port) {
  return endpoint_of(host, port)
    .and_then([](const endpoint& where) { return bound_socket(where, false); })
    .transform([](const descriptor&) {});
}

text_result<std::uint16_t> listener::bind(const std::string& host, std::uint16_t port) {
  auto bound = endpoint_of(host, port).and_then([](const endpoint& where) {
    return bound_socket(where, true);
  });
  if (!bound)
    return fail(std::move(bound).error());
  socket_ = *std::move(bound);
  endpoint local;
  auto size = static_cast<socklen_t>(local.capacity());
  if (::listen(socket_.get(), backlog) != 0 ||
      ::getsockname(socket_.get(), local.data(), &size) != 0)
    return fail(last_error());
  return local.port();
}

void listener::start() {
  spare_ = spare_descriptor(); // here: each loop's thread has a table of its own
  if (!server_.loop().watch(socket_.get(), *this))
    log_error("cannot watch the listening socket", {{"errno", errno}});
}

void listener::stop() {
  cancel();
  spare_ = {};
  socket_ = {};
}

void listener::accept_waiting() {
  if (!socket_)
    return;
  for (int i = 0; i < accepts_per_turn; ++i) {
    endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    descriptor accepted{::accept4(socket_.get(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (accepted) {
      server_.on_accept(std::move(accepted), address_of(peer.data()), kind_);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      return; // the kernel will say when there is another
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      if (turn_one_away())
        continue;
      return try_again_after(pause_without_descriptors);
    }
    if (errno != EINTR && errno != ECONNABORTED) {
      log_error("cannot accept", {{"errno", errno}});
      return try_again_after(pause_without_descriptors);
    }
  }
  server_.loop().post([this] { accept_waiting(); });
}

// There is no descriptor for the next one in the line, who would wait for an answer that does not
// come, and wake us again and again. The spare one takes it: in the place of somebody who has been
// silent for long, or to be told that it cannot come in. False when nobody waits, or
// there is no spare one either.
bool listener::turn_one_away() {
  const int error = errno;
  spare_ = {};
  endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  descriptor accepted{::accept4(socket_.get(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  const bool came = static_cast<bool>(accepted);
  if (came && server_.make_room(silent_for_long)) {
    server_.on_accept(std::move(accepted), address_of(peer.data()), kind_);
  } else if (came) {
    server_.metrics().refused.add(refusal_reason::descriptors);
    reject(std::move(accepted), kind_ != port_kind::tls_only);
  }
  spare_ = spare_descriptor();
  if (const auto now = server_.loop().now(); came && now >= warn_again_) {
    log_warning("cannot accept: out of descriptors or memory", {{"errno", error}});
    warn_again_ = now + between_warnings;
  }
  return came;
}

void listener::try_again_after(std::chrono::milliseconds pause) {
  server_.loop().arm(*this, server_.loop().now() + pause);
}

} // namespace troupe
