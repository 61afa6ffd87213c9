#include "floor_server.hpp"

#include "bench/load/websocket.hpp"

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
constexpr std::size_t read_size = 256 * 1024;
constexpr int linger_ms = 2; // how long a frame waits for company when batching

int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd, 4096) != 0)
    throw std::runtime_error{std::string{"cannot listen: "} + std::strerror(errno)};
  return fd;
}
} // namespace

floor_server::floor_server(std::uint16_t port, std::uint32_t batch)
  : listener_{listen_on(port)},
    epoll_{epoll_create1(EPOLL_CLOEXEC)},
    batch_{batch},
    buffer_(read_size) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

floor_server::~floor_server() {
  close(listener_);
  close(epoll_);
}

void floor_server::run() {
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                 gathering_.empty() ? -1 : linger_ms);
    if (count == 0)
      flush_gathered();
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      auto* c = static_cast<connection*>(event.data.ptr);
      if (c == nullptr) {
        accept_all();
        continue;
      }
      if (c->fd >= 0 && c->output && (event.events & EPOLLOUT) != 0)
        flush(*c);
      if (c->fd >= 0 && (event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
        on_readable(*c, (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
    }
    for (auto* c : closed_)
      delete c;
    closed_.clear();
  }
}

void floor_server::accept_all() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
      return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    auto* c = new connection;
    c->fd = fd;
    event.data.ptr = c;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

// Edge-triggered: a read that does not fill the buffer has emptied the socket, unless the end of
// the stream was announced.
void floor_server::on_readable(connection& c, bool until_end) {
  for (;;) {
    std::size_t carried = 0;
    if (c.input) {
      carried = c.input->size();
      buffer_.resize(std::max(buffer_.size(), carried + read_size));
      std::memcpy(buffer_.data(), c.input->data(), carried);
    }
    const auto room_left = buffer_.size() - carried;
    const auto got = recv(c.fd, buffer_.data() + carried, room_left, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
      return;
    if (got <= 0)
      return leave(c);
    const auto size = carried + static_cast<std::size_t>(got);
    std::size_t used = 0;
    if (c.home == nullptr)
      used = handshake(c, {buffer_.data(), size});
    if (c.home != nullptr)
      used += frames(c, buffer_.data() + used, size - used);
    if (c.fd < 0)
      return;
    c.input.reset();
    if (used < size)
      c.input = std::make_unique<std::string>(buffer_.data() + used, size - used);
    if (static_cast<std::size_t>(got) < room_left && !until_end)
      return;
  }
}

std::size_t floor_server::handshake(connection& c, std::string_view data) {
  const auto end = data.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return 0;
  const auto head = data.substr(0, end + 2);
  const auto key = header_value(head, "Sec-WebSocket-Key");
  if (!head.starts_with("GET ") || !key) {
    leave(c);
    return data.size();
  }
  const auto path = head.substr(4, head.find(' ', 4) - 4);
  send_to(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: " +
               handshake_accept(*key) + "\r\n\r\n");
  c.home = &rooms_[std::string{path}];
  c.place = static_cast<std::uint32_t>(c.home->members.size());
  c.home->members.push_back(&c);
  return end + 4;
}

std::size_t floor_server::frames(connection& c, char* data, std::size_t size) {
  std::size_t used = 0;
  while (const auto head = read_frame_head(data + used, size - used)) {
    const auto payload_size = static_cast<std::size_t>(head->payload_size);
    if (size - used - head->head_size < payload_size)
      break;
    char* const payload = data + used + head->head_size;
    apply_mask(payload, payload_size, head->mask);
    used += head->head_size + payload_size;
    if (head->op == opcode::close) {
      leave(c);
      return size;
    }
    if (head->op != opcode::text && head->op != opcode::binary)
      continue;
    frame_.clear();
    append_frame(frame_, head->op, {payload, payload_size}, std::nullopt);
    if (batch_ > 1)
      gather(*c.home, frame_);
    else
      broadcast(*c.home, frame_);
  }
  return used;
}

void floor_server::broadcast(room& r, std::string_view frame) {
  for (auto* member : r.members)
    send_to(*member, frame);
}

void floor_server::gather(room& r, std::string_view frame) {
  if (r.gathered_count++ == 0)
    gathering_.push_back(&r);
  r.gathered += frame;
  if (r.gathered_count < batch_)
    return;
  broadcast(r, r.gathered);
  r.gathered.clear();
  r.gathered_count = 0;
  std::erase(gathering_, &r);
}

void floor_server::flush_gathered() {
  for (auto* r : gathering_) {
    broadcast(*r, r->gathered);
    r->gathered.clear();
    r->gathered_count = 0;
  }
  gathering_.clear();
}

void floor_server::send_to(connection& c, std::string_view bytes) {
  if (!c.output) {
    const auto sent = send(c.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == static_cast<ssize_t>(bytes.size()))
      return;
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    c.output = std::make_unique<std::string>();
  }
  c.output->append(bytes);
}

void floor_server::flush(connection& c) {
  const auto sent = send(c.fd, c.output->data(), c.output->size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0)
    c.output->erase(0, static_cast<std::size_t>(sent));
  if (c.output->empty())
    c.output.reset();
}

void floor_server::leave(connection& c) {
  if (c.home != nullptr) {
    auto& members = c.home->members;
    members[c.place] = members.back();
    members[c.place]->place = c.place;
    members.pop_back();
  }
  close(c.fd);
  c.fd = -1;
  closed_.push_back(&c);
}

} // namespace troupe::bench
