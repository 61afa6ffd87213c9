#include "server/bridges/nats_thread.hpp"

#include "server/bridges/nats_library.hpp"
#include "server/log/log.hpp"

#include <caf/send.hpp>

#include <algorithm>

#include <pthread.h>

namespace troupe {

namespace {

// How often the thread looks at what nats.c keeps and counts, when nothing else wakes it.
constexpr std::chrono::milliseconds look_again{1'000};
// For NATS to confirm what it was sent. Beyond it the connection is given up.
constexpr std::chrono::milliseconds write_patience{10'000};
// For what waits at the end, and then for the thread.
constexpr std::chrono::milliseconds last_words{1'000};
constexpr std::chrono::seconds patience{3};
constexpr std::int64_t library_patience_ms = 5'000;
// Of nats.c, to restore a connection, before a new one is made.
constexpr unsigned tries_max = 3;

} // namespace

nats_thread::nats_thread(const nats_config& settings, bus_metrics& counts)
  : settings_(settings),
    counts_(counts) {}

void nats_thread::start(nats_link_actor link) {
  link_ = std::move(link);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "nats");
    run();
    nats_ReleaseThreadMemory();
    ended_.set_value();
  });
}

nats_thread::~nats_thread() {
  if (thread_.joinable()) {
    finish({});
    // NATS may have stopped reading, or the way to it may swallow what it is sent.
    if (ended_.get_future().wait_for(patience) != std::future_status::ready) {
      const std::lock_guard guard(connection_change_);
      if (connection_ != nullptr)
        natsConnection_Close(connection_);
    }
    thread_.join();
  }
  options_.reset();
  const auto closed = close_nats(library_patience_ms);
  if (closed != NATS_OK && closed != NATS_NOT_INITIALIZED)
    log_warning("threads of nats.c did not end in time");
}

void nats_thread::listen(nats_subscription_ptr to) {
  commands_.push({nats_command::kind::listen, std::move(to), {}});
}

void nats_thread::unlisten(nats_subscription_ptr to) {
  to->end();
  commands_.push({nats_command::kind::unlisten, std::move(to), {}});
}

void nats_thread::publish(nats_batch batch) {
  commands_.push({nats_command::kind::publish, {}, std::move(batch)});
}

void nats_thread::finish(nats_batch last) {
  ending_.store(true);
  commands_.push({nats_command::kind::finish, {}, std::move(last)});
}

void nats_thread::run() {
  while (!finished_) {
    auto time = look_again;
    if (connection_ == nullptr) {
      if (std::chrono::steady_clock::now() >= next_try_)
        connect();
      if (connection_ == nullptr)
        time = std::clamp(-since(next_try_), std::chrono::milliseconds(1), look_again);
    }
    commands_.wait(time);
    for (auto& command : commands_.take())
      carry_out(std::move(command));
    look();
  }
  give_up("the server ends");
}

void nats_thread::carry_out(nats_command command) {
  switch (command.what) {
  case nats_command::kind::listen:
    listenings_.push_back({std::move(command.subscription)});
    if (connection_ != nullptr)
      subscribe(listenings_.back());
    return;
  case nats_command::kind::unlisten:
    return unsubscribe(command.subscription);
  case nats_command::kind::publish:
    return hand_back(publish_all(std::move(command.batch), write_patience));
  case nats_command::kind::finish:
    // Whoever waits in a callback need not wait any more.
    for (const auto& each : listenings_)
      each.what->end();
    counts_.dropped.add(bus_drop_reason::stopped,
                        publish_all(std::move(command.batch), last_words).size());
    finished_ = true;
  }
}

void nats_thread::hand_back(nats_batch returned) {
  if (ending_.load())
    counts_.dropped.add(bus_drop_reason::stopped, returned.size());
  else
    caf::anon_send(link_, nats_batch_done{std::move(returned)});
}

// Runs after each command and each time somebody woke the thread.
void nats_thread::look() {
  waiting_ = 0;
  for (auto& each : listenings_)
    look_at(each);
  counts_.waiting.store(waiting_);
  if (connection_ == nullptr)
    return;
  if (broken_)
    return give_up("NATS does not answer");
  if (natsConnection_IsClosed(connection_))
    return give_up(closing_error());
  if (is_connected())
    return connected();
  tell(false);
  // What nats.c still has for the server would be lost with its connection.
  if (tries_.load() >= tries_max && waiting_ == 0) {
    attempt_ = tries_.load();
    give_up("it cannot be restored");
  }
}

std::chrono::milliseconds nats_thread::since(time_point then) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               then);
}

// -- subscriptions -----------------------------------------------------------------------------------

void nats_thread::subscribe(listening& to) {
  auto& what = *to.what;
  const auto s =
    what.queue().empty()
      ? natsConnection_Subscribe(&to.handle, connection_, what.subject().c_str(),
                                 nats_subscription::on_message, &what)
      : natsConnection_QueueSubscribe(&to.handle, connection_, what.subject().c_str(),
                                      what.queue().c_str(), nats_subscription::on_message, &what);
  if (s != NATS_OK) {
    to.handle = nullptr;
    return log_error("cannot subscribe at NATS",
                     {{"subject", what.subject()}, {"why", nats_error(s, settings_)}});
  }
  to.dropped = 0;
  natsSubscription_SetPendingLimits(to.handle, static_cast<int>(settings_.pending_messages_max),
                                    static_cast<int>(settings_.pending_bytes_max));
  // nats.c's thread is in the callback for a while after the end: it keeps what that needs.
  auto* keep = new nats_subscription_ptr(to.what);
  const auto release = [](void* kept) { delete static_cast<nats_subscription_ptr*>(kept); };
  if (natsSubscription_SetOnCompleteCB(to.handle, release, keep) != NATS_OK) {
    kept_.push_back(to.what);
    delete keep;
  }
}

void nats_thread::unsubscribe(const nats_subscription_ptr& to) {
  const auto found = std::ranges::find(listenings_, to, &listening::what);
  if (found == listenings_.end())
    return;
  if (found->handle != nullptr) {
    look_at(*found);
    int messages = 0, bytes = 0;
    if (natsSubscription_GetPending(found->handle, &messages, &bytes) == NATS_OK)
      count_lost(bus_drop_reason::closed, static_cast<std::uint64_t>(std::max(messages, 0)));
    natsSubscription_Destroy(found->handle);
  }
  listenings_.erase(found);
}

void nats_thread::look_at(listening& at) {
  waiting_ += at.what->credits_out();
  if (at.handle == nullptr)
    return;
  int messages = 0, bytes = 0;
  if (natsSubscription_GetPending(at.handle, &messages, &bytes) == NATS_OK)
    waiting_ += static_cast<std::uint64_t>(std::max(messages, 0));
  std::int64_t dropped = 0;
  if (natsSubscription_GetDropped(at.handle, &dropped) == NATS_OK && dropped > at.dropped) {
    count_lost(bus_drop_reason::slow, static_cast<std::uint64_t>(dropped - at.dropped));
    at.dropped = dropped;
  }
}

void nats_thread::count_lost(bus_drop_reason why, std::uint64_t events) {
  counts_.dropped.add(why, events);
  lost_here_ += events;
}

// Of a connection that is closed: nats.c does not say what was in the queues that it threw away,
// but how much had come in all.
std::uint64_t nats_thread::events_lost() const {
  const auto in = so_far().in;
  const auto known = counts_.taken.value() - taken_before_ + lost_here_;
  return in > known ? in - known : 0;
}

} // namespace troupe
