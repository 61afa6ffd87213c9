// The line's connection: made, watched, given up.
#include "server/bridges/nats_backoff.hpp"
#include "server/bridges/nats_line.hpp"
#include "server/log/log.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace troupe {

namespace {

std::uint32_t any_number() {
  static thread_local std::minstd_rand numbers{std::random_device{}()};
  return static_cast<std::uint32_t>(numbers());
}

constexpr std::int64_t errors_at_most_every_s = 60;
constexpr std::int64_t first_answer_ms = 5'000;

} // namespace

std::chrono::milliseconds nats_line::wait_before(unsigned attempt) const {
  return nats_wait(settings_.reconnect_wait, attempt, any_number());
}

void nats_line::set_callbacks() {
  // On nats.c's threads: the line looks for itself what has changed.
  const auto changed = [](natsConnection*, void* line) {
    static_cast<nats_line*>(line)->orders_.wake();
  };
  auto* options = options_->get();
  natsOptions_SetDisconnectedCB(options, changed, this);
  natsOptions_SetReconnectedCB(options, changed, this);
  natsOptions_SetClosedCB(options, changed, this);
  natsOptions_SetErrorHandler(
    options,
    [](natsConnection*, natsSubscription*, natsStatus status, void* line) {
      static_cast<nats_line*>(line)->on_error(status);
    },
    this);
  natsOptions_SetCustomReconnectDelay(
    options,
    [](natsConnection*, int attempts, void* line) -> std::int64_t {
      const auto tried = static_cast<unsigned>(std::max(attempts, 1));
      return static_cast<nats_line*>(line)->wait_before(tried).count();
    },
    this);
}

// On the one thread that nats.c reports errors on.
void nats_line::on_error(natsStatus status) {
  orders_.wake();
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                     std::chrono::steady_clock::now().time_since_epoch())
                     .count();
  const auto last = error_told_.load(std::memory_order_relaxed);
  if (last != 0 && now - last < errors_at_most_every_s)
    return;
  error_told_.store(now, std::memory_order_relaxed);
  if (status == NATS_SLOW_CONSUMER)
    log_warning("events from NATS are lost: they come faster than they can be passed on");
  else
    log_warning("NATS reports an error", {{"why", nats_failure(status, settings_)}});
}

void nats_line::connect() {
  // Made anew for each connection: files may have changed.
  auto made = nats_options::make(settings_);
  if (auto* why = std::get_if<std::string>(&made))
    return failed(std::move(*why));
  options_ = std::get<std::unique_ptr<nats_options>>(std::move(made));
  set_callbacks();
  natsConnection* fresh = nullptr;
  const auto s = natsConnection_Connect(&fresh, options_->get());
  if (s != NATS_OK) {
    if (fresh != nullptr)
      natsConnection_Destroy(fresh);
    return failed(nats_failure(s, settings_));
  }
  {
    const std::lock_guard guard(connection_change_);
    connection_ = fresh;
  }
  broken_ = false;
  reconnected_before_ = 0;
  for (auto& each : listenings_)
    subscribe(each);
  // So that who is told of the connection hears what is published from then on.
  if (natsConnection_FlushTimeout(connection_, first_answer_ms) == NATS_TIMEOUT)
    broken_ = true;
  told_connected_ = false;
  connected();
}

// It is there: for the first time, still, or again.
void nats_line::connected() {
  const auto times = times_reconnected();
  if (told_connected_ && times == reconnected_before_)
    return;
  reconnected_before_ = times;
  attempt_ = 0;
  last_failure_.clear();
  if (ever_connected_)
    counts_.reconnects.add();
  ever_connected_ = true;
  std::array<char, 512> url{};
  natsConnection_GetConnectedUrl(connection_, url.data(), url.size());
  log_info("connected to NATS", {{"server", nats_address(url.data())}});
  tell(true);
}

void nats_line::failed(std::string why) {
  next_try_ = std::chrono::steady_clock::now() + wait_before(++attempt_);
  // Once for each reason: it may stay away for long.
  if (why != last_failure_)
    log_warning("cannot connect to NATS, trying again", {{"why", why}});
  last_failure_ = std::move(why);
  tell(false);
}

void nats_line::give_up(std::string_view why) {
  if (connection_ == nullptr)
    return;
  std::uint64_t lost = 0;
  for (auto& each : listenings_) {
    if (each.handle == nullptr)
      continue;
    look_at(each);
    int messages = 0, bytes = 0;
    if (natsSubscription_GetPending(each.handle, &messages, &bytes) == NATS_OK && messages > 0)
      lost += static_cast<std::uint64_t>(messages);
    natsSubscription_Destroy(each.handle);
    each.handle = nullptr;
  }
  natsConnection* old = nullptr;
  {
    const std::lock_guard guard(connection_change_);
    old = std::exchange(connection_, nullptr);
  }
  natsConnection_Destroy(old);
  counts_.dropped.add(bus_drop_reason::closed, lost);
  broken_ = false;
  next_try_ = std::chrono::steady_clock::now() + wait_before(++attempt_);
  if (!finished_)
    log_warning("gave up a connection to NATS", {{"why", why}, {"events_lost", lost}});
  tell(false);
}

bool nats_line::is_connected() const {
  return connection_ != nullptr && natsConnection_Status(connection_) == NATS_CONN_STATUS_CONNECTED;
}

std::uint64_t nats_line::times_reconnected() const {
  std::uint64_t in = 0, in_bytes = 0, out = 0, out_bytes = 0, times = 0;
  natsStatistics* statistics = nullptr;
  if (natsStatistics_Create(&statistics) == NATS_OK) {
    if (natsConnection_GetStats(connection_, statistics) == NATS_OK)
      natsStatistics_GetCounts(statistics, &in, &in_bytes, &out, &out_bytes, &times);
    natsStatistics_Destroy(statistics);
  }
  return times;
}

void nats_line::tell(bool connected) {
  if (told_connected_ == connected)
    return;
  told_connected_ = connected;
  counts_.connected.store(connected);
  if (!connected && !finished_)
    log_warning("NATS is away");
  caf::anon_send(link_, nats_state{connected});
}

} // namespace troupe
