#include "server/net/io_loop.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

namespace troupe {

namespace {

constexpr std::size_t events_per_turn = 256;

// Actors wake actors; after this many rounds the sockets get their turn again.
constexpr int rounds_per_turn = 16;

constexpr std::uint32_t read_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

} // namespace

io_loop::io_loop(caf::actor_system& system, std::uint32_t number, duration_histogram& turns)
  : event_loop(system, std::chrono::steady_clock::now()),
    number_(number),
    turns_(turns),
    epoll_(::epoll_create1(EPOLL_CLOEXEC)),
    wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
    alarm_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
    scratch_(std::make_unique_for_overwrite<char[]>(scratch_bytes)) {
  for (const descriptor* own : {&wake_fd_, &alarm_}) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.ptr = own == &alarm_ ? this : nullptr; // the wake-up only ends the sleep
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, own->get(), &event);
  }
}

io_loop::~io_loop() {
  stop();
}

void io_loop::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), ("loop " + std::to_string(number_)).c_str());
}

void io_loop::stop() {
  stopping_ = true;
  ::eventfd_write(wake_fd_.get(), 1);
  if (thread_.joinable())
    thread_.join();
}

bool io_loop::control(int operation, int fd, watcher& who, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &who;
  return ::epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

bool io_loop::watch(int fd, watcher& who) {
  return control(EPOLL_CTL_ADD, fd, who, read_events);
}

bool io_loop::watch_instead(int fd, watcher& who) {
  return control(EPOLL_CTL_MOD, fd, who, read_events);
}

bool io_loop::watch_writable(int fd, watcher& who) {
  return control(EPOLL_CTL_MOD, fd, who, read_events | EPOLLOUT);
}

void io_loop::post(std::function<void()> what) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(what));
    has_posted_ = true;
  }
  if (asleep_)
    ::eventfd_write(wake_fd_.get(), 1);
}

void io_loop::wake_up() noexcept {
  woken_ = true;
  // The sleeper sets `asleep_` and then looks at `woken_`; we do it the other way round, so one of
  // us sees the other.
  if (asleep_)
    ::eventfd_write(wake_fd_.get(), 1);
}

void io_loop::run() {
  // A descriptor table of our own: the kernel then need not count references on every send, and a
  // process may hold as many sockets a loop as it else could hold at all. What is open by now is in
  // both tables; sockets are opened on this thread.
  ::unshare(CLONE_FILES);
  while (!stopping_) {
    take_events();
    if (has_posted_)
      run_posted();
    run_actors();
    end_turn();
    turns_.observe(metrics_clock::now() - turn_began_);
  }
  run_actors(); // those who were told to end just before
  end_turn();
}

void io_loop::run_actors() {
  for (int round = 0; round < rounds_per_turn && woken_.exchange(false); ++round)
    run_pinned();
}

void io_loop::take_events() {
  std::array<epoll_event, events_per_turn> events;
  asleep_ = true;
  const bool busy = woken_ || has_posted_ || !flushing_.empty() || stopping_;
  if (alarm_is_late_)
    set_alarm();
  const int count =
    ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), busy ? 0 : -1);
  asleep_ = false;
  turn_began_ = metrics_clock::now();
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == this)
      on_timer();
    if (!event.data.ptr || event.data.ptr == this)
      continue;
    const bool hung_up = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    static_cast<watcher*>(event.data.ptr)
      ->on_ready(
        {hung_up || (event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0, hung_up});
  }
}

void io_loop::on_timer() {
  alarm_at_ = timer_wheel::time_point::max();
  deadlines().advance(now());
  alarm_is_late_ = true;
}

// A time-out of `epoll_wait` would set a timer and cancel it in every turn; this one is set again
// only after it has rung, or when something is due before.
void io_loop::set_alarm() {
  alarm_is_late_ = false;
  const auto due = deadlines().next_due();
  if (!due || *due >= alarm_at_)
    return;
  alarm_at_ = *due;
  const auto since_boot =
    std::chrono::duration_cast<std::chrono::nanoseconds>(due->time_since_epoch());
  itimerspec when{};
  when.it_value.tv_sec = since_boot.count() / 1'000'000'000;
  when.it_value.tv_nsec = since_boot.count() % 1'000'000'000;
  ::timerfd_settime(alarm_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void io_loop::run_posted() {
  std::vector<std::function<void()>> taken;
  {
    const std::lock_guard lock(posted_mutex_);
    taken.swap(posted_);
    has_posted_ = false;
  }
  for (const auto& what : taken)
    what();
}

void io_loop::end_turn() {
  flushing_now_.swap(flushing_);
  for (auto* f : flushing_now_)
    f->flush();
  flushing_now_.clear();
  if (!leaving_.empty())
    std::vector<std::shared_ptr<void>>{}.swap(leaving_);
}

} // namespace troupe
