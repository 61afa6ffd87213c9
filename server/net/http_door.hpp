// The door of one I/O loop: takes accepted sockets, answers HTTP, lets WebSockets in. One per loop,
// on that loop's thread.
#pragma once

#include "server/net/http_visitor.hpp"
#include "server/net/io_loop.hpp"
#include "troupe/house.hpp"

#include <atomic>
#include <memory>
#include <unordered_map>

namespace troupe {

class outlet;

/// What the doors of a server share. Written before they open, but for `ready`. Thread-safe.
struct door_settings {
  std::string_view page; ///< the file at `/`
  std::vector<std::string> api_keys;
  std::atomic<bool> ready{false}; ///< `/readyz`
};

class http_door {
public:
  http_door(io_loop& on, const house& here, outlet& ear, const door_settings& settings);
  ~http_door();

  io_loop& loop() const { return loop_; }
  const house& here() const { return here_; }

  /// A socket was accepted.
  void welcome(descriptor socket);
  /// Closes everybody who is neither a connection nor being answered.
  void close();

  // For the visitors.
  void take_request(http_visitor& from, const http_request& request);
  void forget(const http_visitor& who);

private:
  void let_in(http_visitor& who, const http_request& request, std::string room);
  http_answer answer_page(const http_request& request, std::string_view path) const;

  io_loop& loop_;
  const house& here_;
  outlet& ear_;
  const door_settings& settings_;
  std::unordered_map<const http_visitor*, std::shared_ptr<http_visitor>> visitors_;
};

} // namespace troupe
