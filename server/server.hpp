// The whole server as one thing: loops, HTTP servers, directory, from start to drained. Owned by
// `main`; its functions are called from one thread.
#pragma once

#include "server/settings/config.hpp"
#include "troupe/wire/result.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace troupe {

class server {
public:
  explicit server(const config& settings);
  ~server();

  /// Listens and serves; returns the port.
  text_result<std::uint16_t> start();

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
