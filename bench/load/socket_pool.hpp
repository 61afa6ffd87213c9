// All client sockets of one generator process, on one epoll set: connecting (a bounded number at
// once), the WebSocket handshake, reading frames in place in one shared buffer, writing. A
// connection costs 24 bytes here while nothing of it is half read or half written.
// Runs in one thread of one process.
#pragma once

#include "websocket.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <netinet/in.h>

namespace troupe::bench {

// What a connection says first and what it waits for. One object serves all that say the same.
struct greeting {
  std::string request; // handshake; empty: a plain HTTP connection, open once connected
  std::string hello;   // frames, ready to send, after the handshake
  std::string await;   // open only once a frame contains this
};

class socket_events {
public:
  virtual void on_open(std::uint32_t link) = 0;
  // `why` is empty for a connection that had been open and that the server closed in silence.
  virtual void on_closed(std::uint32_t link, std::string_view why) = 0;
  virtual void on_payload(std::uint32_t link, std::string_view payload) = 0;
  virtual void on_response(std::uint32_t link, int status) = 0;

protected:
  ~socket_events() = default;
};

class socket_pool {
public:
  struct options {
    sockaddr_in target{};
    std::uint32_t first_source = 2; // own addresses 127.0.0.first … if the target's is
    std::uint32_t sources = 8;
    std::uint32_t concurrency = 128; // handshakes under way at once
    double rate = 0;                 // connections begun per second; 0: no limit but the former
  };

  socket_pool(const options& opts, socket_events& events);
  ~socket_pool();
  socket_pool(const socket_pool&) = delete;
  socket_pool& operator=(const socket_pool&) = delete;

  std::uint32_t add_link(const greeting& words); // `words` must outlive the pool
  void open(std::uint32_t link);                 // when its turn comes
  void close(std::uint32_t link);                // close frame, then close; no event
  void reset(std::uint32_t link);                // RST; no event
  // From the next handshake on it reads nothing more, and the kernel takes little for it. It counts
  // as open when it has said hello. Before `open`.
  void stop_reading(std::uint32_t link) { links_[link].deaf = true; }
  void set_rate(double each_second) {
    options_.rate = each_second;
  } // of those that open from now on
  bool is_open(std::uint32_t link) const { return links_[link].at == stage::open; }

  // Sends whole frames or requests; what the kernel does not take now goes out later, in order.
  void send(std::uint32_t link, std::string_view bytes);

  // Handles what is ready, waiting for it until `deadline` at most (ns of now_ns).
  void poll(std::uint64_t deadline);
  void watch(int fd); // an eventfd that ends a poll; its count is read and forgotten

  std::uint64_t read_time() const noexcept { return read_time_; } // of the payload being handled
  std::uint64_t reads() const noexcept { return reads_; }

private:
  enum class stage : std::uint8_t { closed, connecting, upgrading, awaiting, open };
  struct link_state {
    const greeting* words = nullptr;
    int fd = -1;
    stage at = stage::closed;
    bool has_carry = false;
    bool has_backlog = false;
    bool deaf = false;
  };

  void begin_connect(std::uint32_t link);
  void begin_due_connects();
  void on_connected(std::uint32_t link);
  void on_readable(std::uint32_t link, bool until_end);
  void flush(std::uint32_t link);
  std::size_t parse(std::uint32_t link, char* data, std::size_t size);
  std::size_t parse_upgrade(std::uint32_t link, std::string_view data);
  std::size_t parse_frames(std::uint32_t link, char* data, std::size_t size);
  std::size_t parse_response(std::uint32_t link, std::string_view data);
  void on_frame(std::uint32_t link, const frame_head& head, std::string_view payload);
  void opened(std::uint32_t link);
  void fail(std::uint32_t link, std::string_view why);
  void release(std::uint32_t link);

  options options_;
  socket_events& events_;
  int epoll_ = -1;
  std::vector<link_state> links_;
  std::deque<std::uint32_t> to_open_;
  std::uint32_t opening_ = 0;
  std::uint64_t begun_ = 0;
  std::uint64_t rate_since_ = 0;
  std::string expected_accept_;
  std::vector<char> buffer_;
  std::unordered_map<std::uint32_t, std::string> carries_;  // half frames
  std::unordered_map<std::uint32_t, std::string> backlogs_; // not yet written
  std::uint64_t read_time_ = 0;
  std::uint64_t reads_ = 0;
};

} // namespace troupe::bench
