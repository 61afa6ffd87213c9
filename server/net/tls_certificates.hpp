// The certificate that new TLS connections are shown: read at the start, on demand, and when its
// files change. Connections keep the one they began with. Thread-safe.
#pragma once

#include "server/net/tls_context.hpp"

#include <atomic>
#include <memory>
#include <mutex>

namespace troupe {

class tls_certificates {
public:
  /// Reads the files; logs when they cannot be used, and then `current` is null.
  explicit tls_certificates(tls_config settings);
  ~tls_certificates();

  /// For a connection that begins now. Looks after the files, at most once a second.
  tls_context_ptr current();

  /// Reads the files again. When they cannot be used, logs that and keeps what there is.
  void reload();

private:
  // What tells one state of both files from another.
  struct stamp;

  void reload_when_changed(std::int64_t now);
  void read();

  const tls_config settings_;
  std::atomic<std::int64_t> next_look_; // nanoseconds of the steady clock
  std::mutex reading_;                  // held while the files are read: one thread is enough
  std::unique_ptr<stamp> read_at_;      // guarded by reading_
  std::int64_t renew_at_ = 0;           // guarded by reading_
  std::mutex current_mutex_;
  tls_context_ptr current_; // guarded by current_mutex_
};

} // namespace troupe
