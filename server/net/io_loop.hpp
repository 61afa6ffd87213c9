// An I/O loop: one thread, one io_context, the sockets and the actors that live on it.
//
// A turn handles what is ready, then runs the actors that were woken by it, then writes what they
// pushed. Only `wake`, `post`, `start` and `stop` may be called from other threads.
#pragma once

#include "troupe/event_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <span>
#include <thread>

namespace troupe {

/// A socket that knows its executor's type: no type erasure, half the size.
using tcp_socket =
  boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class io_loop final : public event_loop {
public:
  io_loop(caf::actor_system& system, std::uint32_t number);
  ~io_loop() override;

  void start();
  /// Ends the thread; what it has not handled by then is dropped.
  void stop();

  std::uint32_t number() const { return number_; }
  boost::asio::io_context& context() { return context_; }

  template <class F>
  void post(F&& what) {
    boost::asio::post(context_, std::forward<F>(what));
  }

  /// Where to receive into: one buffer for all sockets of the loop, valid until the handler
  /// returns.
  std::span<char> scratch() { return {scratch_.get(), scratch_bytes}; }

  void flush_later(flusher& f) override;
  timer_wheel::time_point now() const override { return std::chrono::steady_clock::now(); }
  void arm(timer_wheel::deadline& d, timer_wheel::time_point when) override;

private:
  static constexpr std::size_t scratch_bytes = 64 * 1024;

  void wake_up() noexcept override;
  void tick();

  const std::uint32_t number_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  bool ticking_ = false;
  std::unique_ptr<char[]> scratch_;
  std::thread thread_;
};

} // namespace troupe
