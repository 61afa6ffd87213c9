#include "server/net/io_loop.hpp"

#include <string>

#include <pthread.h>

namespace troupe {

namespace asio = boost::asio;

io_loop::io_loop(caf::actor_system& system, std::uint32_t number)
  : event_loop(system, std::chrono::steady_clock::now()),
    number_(number),
    work_(asio::make_work_guard(context_)),
    timer_(context_),
    scratch_(std::make_unique_for_overwrite<char[]>(scratch_bytes)) {}

io_loop::~io_loop() {
  stop();
}

void io_loop::start() {
  thread_ = std::thread([this] { context_.run(); });
  pthread_setname_np(thread_.native_handle(), ("loop " + std::to_string(number_)).c_str());
}

void io_loop::stop() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
}

void io_loop::wake_up() noexcept {
  asio::post(context_, [this] { run_guests(); });
}

void io_loop::flush_later(flusher& f) {
  // Goes behind everything that is ready already: that is what lets frames share a system call.
  asio::post(context_, [&f] { f.flush(); });
}

void io_loop::arm(timer_wheel::deadline& d, timer_wheel::time_point when) {
  deadlines().arm(d, when);
  if (!ticking_) {
    ticking_ = true;
    tick();
  }
}

void io_loop::tick() {
  timer_.expires_after(timer_wheel::tick);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error)
      return;
    deadlines().advance(now());
    if (deadlines().empty())
      ticking_ = false;
    else
      tick();
  });
}

} // namespace troupe
