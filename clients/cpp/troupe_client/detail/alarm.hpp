// A timer of the client. It counts itself while it is set, so that "no timer is left" can be seen,
// and says how late it is: after a sleep of the machine, what has arrived meanwhile is read before
// anything is judged.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace troupe_client::detail {

class alarm {
public:
  using duration = std::chrono::steady_clock::duration;
  using count = std::shared_ptr<std::size_t>;

  alarm(const boost::asio::any_io_executor& on, count pending)
    : timer_(on),
      shared_(std::make_shared<shared>()) {
    shared_->pending = std::move(pending);
  }
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;
  ~alarm() { cancel(); }

  /// Calls `then` after `delay`, in the place of what was set before. `keep` keeps alive what
  /// `then` needs.
  void set(duration delay, std::function<void()> then, std::shared_ptr<void> keep) {
    cancel();
    const auto due = std::chrono::steady_clock::now() + delay;
    shared_->armed = true;
    ++*shared_->pending;
    timer_.expires_at(due);
    wait(due, ++shared_->turn, std::move(then), std::move(keep));
  }

  void cancel() {
    if (std::exchange(shared_->armed, false))
      --*shared_->pending;
    ++shared_->turn;
    timer_.cancel();
  }

  bool is_set() const { return shared_->armed; }

private:
  // An event that comes so late says that the process has not run: see above.
  static constexpr std::chrono::milliseconds late{300};
  static constexpr std::chrono::milliseconds grace{100};

  struct shared {
    count pending;
    std::size_t turn = 0;
    bool armed = false;
  };

  void wait(std::chrono::steady_clock::time_point due, std::size_t turn, std::function<void()> then,
            std::shared_ptr<void> keep) {
    timer_.async_wait([this, due, turn, of = shared_, then = std::move(then),
                       keep = std::move(keep)](boost::system::error_code) mutable {
      if (of->turn != turn)
        return; // set anew, cancelled, or gone
      const auto now = std::chrono::steady_clock::now();
      if (now - due > late) {
        timer_.expires_at(now + grace);
        return wait(now + grace, turn, std::move(then), std::move(keep));
      }
      of->armed = false;
      --*of->pending;
      then();
    });
  }

  boost::asio::steady_timer timer_;
  std::shared_ptr<shared> shared_;
};

} // namespace troupe_client::detail
