#include "receivers.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::bench {

namespace {

int checked(int result, const char* what) {
  if (result < 0)
    throw std::system_error{errno, std::generic_category(), what};
  return result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

} // namespace

receivers::receivers(std::size_t count, bool late) : late_(late) {
  void* const shared =
    mmap(nullptr, sizeof(tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    throw std::system_error{errno, std::generic_category(), "mmap"};
  tally_ = new (shared) tally{};
  sem_init(&tally_->turns, 1, 0);

  const int listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  checked(bind(listener, generic(address), size), "bind");
  checked(listen(listener, 4096), "listen");
  checked(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");

  child_ = checked(fork(), "fork");
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(listener);
    run(ntohs(address.sin_port), count);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = checked(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC), "accept");
    const int on = 1;
    checked(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
    sockets_.push_back(fd);
  }
  close(listener);
}

receivers::~receivers() {
  tally_->expected = UINT64_MAX;
  sem_post(&tally_->turns);
  for (const int fd : sockets_)
    close(fd); // the child ends when it sees that
  waitpid(child_, nullptr, 0);
  munmap(tally_, sizeof(tally));
}

void receivers::await(std::uint64_t bytes) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  const auto expected = tally_->expected.fetch_add(bytes) + bytes;
  if (late_)
    sem_post(&tally_->turns);
  while (tally_->bytes < expected) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"a delivery is missing"};
    std::this_thread::sleep_for(std::chrono::microseconds{500});
  }
}

void receivers::run(std::uint16_t port, std::size_t count) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const sockaddr_in address = loopback(port);
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.fd = fd;
    if (fd < 0 || connect(fd, generic(address), sizeof address) != 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
      perror("receiver");
      kill(getppid(), SIGTERM); // or it would wait for this connection for ever
      _exit(1);
    }
  }
  for (;;) {
    if (late_)
      sem_wait(&tally_->turns);
    do
      read_ready(epoll);
    while (tally_->bytes < tally_->expected);
  }
}

void receivers::read_ready(int epoll) {
  std::array<epoll_event, 256> events;
  std::array<char, 16 * 1024> buffer;
  const int ready = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
  std::uint64_t bytes = 0;
  for (int i = 0; i < ready; ++i) {
    const int fd = events[static_cast<std::size_t>(i)].data.fd;
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0)
      _exit(0);
    if (got < 0)
      continue;
    bytes += static_cast<std::uint64_t>(got);
    tally_->reads.fetch_add(1, std::memory_order_relaxed);
  }
  tally_->bytes.fetch_add(bytes);
}

} // namespace troupe::bench
