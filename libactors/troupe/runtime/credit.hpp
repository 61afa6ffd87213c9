// Bounds the messages that one connection has on their way. Without it, mailboxes would grow as
// fast as a client can write. Thread-safe.
//
// Every message from a connection to a room or topic carries a credit. The credit rides on with the
// broadcasts that the message causes, and ends when the last I/O loop has taken over the frame. A
// connection that is faster than the server is not read until the server has caught up.
#pragma once

#include <caf/intrusive_ptr.hpp>
#include <caf/ref_counted.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

namespace troupe {

/// Counts the credits of one connection.
class credits_out final : public caf::ref_counted {
public:
  std::uint32_t count() const { return count_.load(std::memory_order_relaxed); }

private:
  friend class credit;
  std::atomic<std::uint32_t> count_{0};
};

using credits_out_ptr = caf::intrusive_ptr<credits_out>;

/// One message on its way, or nothing. Copies count as one more.
class credit {
public:
  using time_point = std::chrono::steady_clock::time_point;

  credit() = default;
  explicit credit(credits_out_ptr of, time_point since = {}) : of_(std::move(of)), since_(since) {
    add();
  }
  credit(const credit& other) : of_(other.of_), since_(other.since_) { add(); }
  credit(credit&& other) noexcept : of_(std::move(other.of_)), since_(other.since_) {}
  credit& operator=(credit other) noexcept {
    of_.swap(other.of_);
    since_ = other.since_;
    return *this;
  }
  ~credit() {
    if (of_)
      of_->count_.fetch_sub(1, std::memory_order_relaxed);
  }

  /// When the message came in, for the measure of delays; or the epoch.
  time_point since() const { return since_; }

private:
  void add() {
    if (of_)
      of_->count_.fetch_add(1, std::memory_order_relaxed);
  }

  credits_out_ptr of_;
  time_point since_{};
};

} // namespace troupe
