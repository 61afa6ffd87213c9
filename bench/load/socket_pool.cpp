// Connecting, reading and writing. What is read is taken apart in socket_pool_parse.cpp.
#include "socket_pool.hpp"

#include "clock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::bench {

namespace {
constexpr std::uint64_t watched_fd = std::uint64_t{1} << 63;
constexpr std::size_t read_size = 256 * 1024;

// The server's buffer for a connection follows the size of a segment, which is large on loopback.
void keep_small(int fd) {
  const int bytes = 4096;
  const int segment = 1448;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
}

} // namespace

socket_pool::socket_pool(const options& opts, socket_events& events)
  : options_{opts},
    events_{events},
    epoll_{epoll_create1(EPOLL_CLOEXEC)},
    expected_accept_{handshake_accept(handshake_key)},
    buffer_(2 * read_size) {
  if (epoll_ < 0)
    throw std::runtime_error{std::string{"epoll_create1: "} + std::strerror(errno)};
}

socket_pool::~socket_pool() {
  for (auto& l : links_) {
    if (l.fd >= 0)
      ::close(l.fd);
  }
  ::close(epoll_);
}

std::uint32_t socket_pool::add_link(const greeting& words) {
  links_.push_back({.words = &words});
  return static_cast<std::uint32_t>(links_.size() - 1);
}

void socket_pool::open(std::uint32_t link) {
  to_open_.push_back(link);
}

void socket_pool::begin_due_connects() {
  if (to_open_.empty()) {
    rate_since_ = 0;
    return;
  }
  if (rate_since_ == 0) {
    rate_since_ = now_ns();
    begun_ = 0;
  }
  while (!to_open_.empty() && opening_ < options_.concurrency) {
    if (options_.rate > 0) {
      const auto elapsed = static_cast<double>(now_ns() - rate_since_) * 1e-9;
      if (static_cast<double>(begun_) > elapsed * options_.rate)
        return;
    }
    const auto link = to_open_.front();
    to_open_.pop_front();
    ++begun_;
    begin_connect(link);
  }
}

void socket_pool::begin_connect(std::uint32_t link) {
  auto& l = links_[link];
  l.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  l.at = stage::connecting;
  ++opening_;
  if (l.fd < 0)
    return fail(link, std::strerror(errno));
  const int on = 1;
  setsockopt(l.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (l.deaf)
    keep_small(l.fd);
  if (ntohl(options_.target.sin_addr.s_addr) >> 24 == 127 && options_.sources > 0) {
    // One address has about 28,000 ports; the port is chosen at connect, when both ends are known.
    setsockopt(l.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(0x7f000000u + options_.first_source +
                                   static_cast<std::uint32_t>(link % options_.sources));
    if (bind(l.fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0)
      return fail(link, std::strerror(errno));
  }
  const auto result =
    connect(l.fd, reinterpret_cast<const sockaddr*>(&options_.target), sizeof options_.target);
  if (result != 0 && errno != EINPROGRESS)
    return fail(link, std::strerror(errno));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = link;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, l.fd, &event);
}

void socket_pool::on_connected(std::uint32_t link) {
  auto& l = links_[link];
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(l.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    return fail(link, std::strerror(error));
  if (l.words->request.empty())
    return opened(link);
  l.at = stage::upgrading;
  send(link, l.words->request);
}

void socket_pool::opened(std::uint32_t link) {
  links_[link].at = stage::open;
  --opening_;
  events_.on_open(link);
}

void socket_pool::release(std::uint32_t link) {
  auto& l = links_[link];
  if (l.at != stage::open && l.at != stage::closed)
    --opening_;
  if (l.fd >= 0)
    ::close(l.fd);
  if (l.has_carry)
    carries_.erase(link);
  if (l.has_backlog)
    backlogs_.erase(link);
  l = {.words = l.words, .deaf = l.deaf};
}

void socket_pool::fail(std::uint32_t link, std::string_view why) {
  // `why` may lie in the read buffer or in errno's text: both outlive the call.
  release(link);
  events_.on_closed(link, why);
}

void socket_pool::close(std::uint32_t link) {
  auto& l = links_[link];
  if (l.at == stage::closed)
    return;
  if (l.at == stage::open && !l.words->request.empty() && !l.has_backlog) {
    std::string frame;
    append_frame(frame, opcode::close, std::string_view{"\x03\xe8", 2}, mask_key);
    static_cast<void>(::send(l.fd, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  }
  release(link);
}

void socket_pool::reset(std::uint32_t link) {
  auto& l = links_[link];
  if (l.at == stage::closed)
    return;
  const linger at_once{1, 0};
  setsockopt(l.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  release(link);
}

void socket_pool::send(std::uint32_t link, std::string_view bytes) {
  auto& l = links_[link];
  if (l.fd < 0)
    return;
  if (!l.has_backlog) {
    const auto sent = ::send(l.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == static_cast<ssize_t>(bytes.size()))
      return;
    // A broken connection is found by the next read, which tells why.
    if (sent < 0 && errno != EAGAIN)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    l.has_backlog = true;
  }
  backlogs_[link].append(bytes);
}

void socket_pool::flush(std::uint32_t link) {
  auto& l = links_[link];
  auto& waiting = backlogs_[link];
  const auto sent = ::send(l.fd, waiting.data(), waiting.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0)
    waiting.erase(0, static_cast<std::size_t>(sent));
  if (waiting.empty()) {
    backlogs_.erase(link);
    l.has_backlog = false;
  }
}

void socket_pool::watch(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = watched_fd | static_cast<std::uint32_t>(fd);
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void socket_pool::poll(std::uint64_t deadline) {
  begin_due_connects();
  const auto now = now_ns();
  auto wait = deadline > now ? deadline - now : 0;
  if (!to_open_.empty() && options_.rate > 0 && opening_ < options_.concurrency)
    wait = std::min<std::uint64_t>(wait, 500'000);
  const timespec timeout{static_cast<time_t>(wait / 1'000'000'000),
                         static_cast<long>(wait % 1'000'000'000)};
  std::array<epoll_event, 512> events;
  const int count =
    epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if ((event.data.u64 & watched_fd) != 0) {
      std::uint64_t ignored = 0;
      static_cast<void>(
        ::read(static_cast<int>(event.data.u64 & 0x7fffffff), &ignored, sizeof ignored));
      continue;
    }
    const auto link = static_cast<std::uint32_t>(event.data.u64);
    auto& l = links_[link];
    if (l.at == stage::connecting)
      on_connected(link);
    if (l.has_backlog && (event.events & EPOLLOUT) != 0)
      flush(link);
    if (l.fd >= 0 && (event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
      on_readable(link, (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
  }
}

// Edge-triggered: a read that does not fill the buffer has emptied the socket, unless the end of
// the stream was announced, which only a further read finds.
void socket_pool::on_readable(std::uint32_t link, bool until_end) {
  while (links_[link].fd >= 0) {
    auto& l = links_[link];
    if (l.deaf && l.at == stage::open)
      return;
    std::size_t carried = 0;
    if (l.has_carry) {
      const auto& carry = carries_[link];
      carried = carry.size();
      if (buffer_.size() < carried + read_size)
        buffer_.resize(carried + read_size);
      std::memcpy(buffer_.data(), carry.data(), carried);
    }
    const auto room = buffer_.size() - carried;
    const auto got = recv(l.fd, buffer_.data() + carried, room, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
      return;
    if (got <= 0)
      return fail(link, got < 0 ? std::strerror(errno) : l.at == stage::open ? "" : "closed early");
    read_time_ = now_ns();
    ++reads_;
    const auto size = carried + static_cast<std::size_t>(got);
    const auto used = parse(link, buffer_.data(), size);
    auto& after = links_[link];
    if (after.fd < 0)
      return;
    if (used < size) {
      after.has_carry = true;
      carries_[link].assign(buffer_.data() + used, size - used);
    } else if (after.has_carry) {
      after.has_carry = false;
      carries_.erase(link);
    }
    if (static_cast<std::size_t>(got) < room && !until_end)
      return;
  }
}

} // namespace troupe::bench
