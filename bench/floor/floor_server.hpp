// The kernel's price of a broadcast: a WebSocket server that does nothing but accept, shake hands
// and send() what one member of a room says to every member, one call a member and message. The
// room is the path. Nothing that sends every message on its own can be much cheaper. With `batch`
// it gathers that many frames of a room and sends them with one call a member. Runs in one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::bench {

class floor_server {
public:
  // Binds 127.0.0.1:port; 0 takes a free one. Throws std::runtime_error when that fails.
  floor_server(std::uint16_t port, std::uint32_t batch);
  ~floor_server();
  floor_server(const floor_server&) = delete;
  floor_server& operator=(const floor_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  void run(); // until the process ends

private:
  struct connection;
  struct room {
    std::vector<connection*> members;
    std::string gathered; // frames that wait for more
    std::uint32_t gathered_count = 0;
  };
  struct connection {
    int fd = -1;
    std::uint32_t place = 0;             // among the room's members
    room* home = nullptr;                // none before the handshake
    std::unique_ptr<std::string> input;  // half a frame
    std::unique_ptr<std::string> output; // what the kernel did not take at once
  };

  void accept_all();
  void on_readable(connection& c, bool until_end);
  std::size_t handshake(connection& c, std::string_view data);
  std::size_t frames(connection& c, char* data, std::size_t size);
  void broadcast(room& r, std::string_view frame);
  void gather(room& r, std::string_view frame);
  void flush_gathered();
  void send_to(connection& c, std::string_view bytes);
  void flush(connection& c);
  void leave(connection& c);

  int listener_ = -1;
  int epoll_ = -1;
  std::uint16_t port_ = 0;
  const std::uint32_t batch_;
  std::vector<char> buffer_;
  std::string frame_;
  std::unordered_map<std::string, room> rooms_;
  std::vector<room*> gathering_;
  std::vector<connection*> closed_; // freed once no event can name them
};

} // namespace troupe::bench
