// The whole server as one thing: loops, HTTP servers, directory, from start to drained. Owned by
// `main`; its functions are called from one thread.
#pragma once

#include "server/startup.hpp"
#include "troupe/wire/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

class server {
public:
  explicit server(startup from);
  ~server();

  /// Listens and serves; returns the port. An error begins with the key that it is about.
  text_result<std::uint16_t> start();

  /// Where clients reach it, for people, once `start` has returned `port`.
  std::string describe(std::uint16_t port) const;

  /// Reads the certificate again. Connections that are there keep theirs.
  void reload();

  /// Waits for so long; true, at once: do not wait any more.
  using wait_function = std::function<bool(std::chrono::milliseconds)>;

  /// Lets nobody in any more, tells every client, one after the other, and waits until all are gone
  /// and all requests answered, or the drain time and the time to close are over, or `wait` says
  /// so.
  void drain(const wait_function& wait);

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace troupe
