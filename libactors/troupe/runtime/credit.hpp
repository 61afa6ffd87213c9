// How much one connection may have on its way: the bound on mailboxes that would otherwise grow as
// fast as a client can write. Thread-safe.
//
// Every message a connection sends to a room or topic carries a permit. The permit rides on with
// the broadcasts that the message causes and ends when the last I/O loop has taken over the frame,
// so a connection that is faster than the house is not read until the house has caught up.
#pragma once

#include <caf/intrusive_ptr.hpp>
#include <caf/ref_counted.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

namespace troupe {

/// Counts the permits of one connection.
class in_flight final : public caf::ref_counted {
public:
  std::uint32_t count() const { return count_.load(std::memory_order_relaxed); }

private:
  friend class permit;
  std::atomic<std::uint32_t> count_{0};
};

using in_flight_ptr = caf::intrusive_ptr<in_flight>;

/// One message on its way, or nothing. Copies count as one more.
class permit {
public:
  using time_point = std::chrono::steady_clock::time_point;

  permit() = default;
  explicit permit(in_flight_ptr of, time_point since = {}) : of_(std::move(of)), since_(since) {
    add();
  }
  permit(const permit& other) : of_(other.of_), since_(other.since_) { add(); }
  permit(permit&& other) noexcept : of_(std::move(other.of_)), since_(other.since_) {}
  permit& operator=(permit other) noexcept {
    of_.swap(other.of_);
    since_ = other.since_;
    return *this;
  }
  ~permit() {
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

  in_flight_ptr of_;
  time_point since_{};
};

} // namespace troupe
