// the thread's connection: made, watched, given up.
#include "server/bridges/nats_backoff.hpp"
#include "server/bridges/nats_thread.hpp"
#include "server/bridges/nats_url.hpp"
#include "server/log/log.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <utility>

namespace troupe {

namespace {

std::uint32_t any_number() {
  static thread_local std::minstd_rand numbers{std::random_device{}()};
  return static_cast<std::uint32_t>(numbers());
}

constexpr std::int64_t first_answer_ms = 5'000;

constexpr std::string_view too_fast =
  "events from NATS are lost: they come faster than they can be passed on";

} // namespace

std::chrono::milliseconds nats_thread::wait_before(unsigned attempt) const {
  return nats_wait(settings_.reconnect_wait, attempt, any_number());
}

void nats_thread::set_callbacks() {
  // On nats.c's threads: the thread looks for itself what has changed.
  const auto changed = [](natsConnection*, void* line) {
    static_cast<nats_thread*>(line)->commands_.wake();
  };
  auto* options = options_->get();
  natsOptions_SetDisconnectedCB(options, changed, this);
  natsOptions_SetReconnectedCB(options, changed, this);
  natsOptions_SetClosedCB(options, changed, this);
  natsOptions_SetErrorHandler(
    options,
    [](natsConnection*, natsSubscription*, natsStatus status, void* line) {
      static_cast<nats_thread*>(line)->on_error(status);
    },
    this);
  natsOptions_SetCustomReconnectDelay(
    options,
    [](natsConnection*, int attempts, void* line) -> std::int64_t {
      auto& self = *static_cast<nats_thread*>(line);
      const auto tried = static_cast<unsigned>(std::max(attempts, 1));
      self.tries_.store(tried);
      self.commands_.wake();
      return self.wait_before(tried).count();
    },
    this);
}

// On the one thread that nats.c reports errors on.
void nats_thread::on_error(natsStatus status) {
  commands_.wake();
  const auto said =
    status == NATS_SLOW_CONSUMER ? std::string(too_fast) : nats_error(status, settings_);
  if (status == NATS_NOT_PERMITTED)
    counts_.refused.add(said.find("Publish") != std::string::npos ? bus_refusal::publish
                                                                  : bus_refusal::subscribe);
  if (!warnings_.tell(said, std::chrono::steady_clock::now()))
    return;
  if (status == NATS_SLOW_CONSUMER)
    log_warning(said);
  else
    log_warning("NATS reports an error", {{"why", said}});
}

void nats_thread::connect() {
  // Made anew for each connection: files may have changed.
  auto made = nats_options::make(settings_, known_servers_);
  if (!made)
    return failed(std::move(made).error());
  options_ = *std::move(made);
  set_callbacks();
  natsConnection* fresh = nullptr;
  const auto s = natsConnection_Connect(&fresh, options_->get());
  if (s != NATS_OK) {
    if (fresh != nullptr)
      natsConnection_Destroy(fresh);
    return failed(nats_error(s, settings_));
  }
  {
    const std::lock_guard guard(connection_change_);
    connection_ = fresh;
  }
  broken_ = false;
  reconnected_before_ = 0;
  taken_before_ = counts_.taken.value();
  lost_here_ = 0;
  tries_.store(0);
  for (auto& each : listenings_)
    subscribe(each);
  // So that who is told of the connection hears what is published from then on.
  if (natsConnection_FlushTimeout(connection_, first_answer_ms) == NATS_TIMEOUT)
    broken_ = true;
  if (natsConnection_IsClosed(connection_)) { // NATS has let us in, and then thrown us out
    auto error = closing_error();
    close();
    return failed(std::move(error));
  }
  told_connected_ = false;
  if (is_connected())
    connected();
}

// It is there: for the first time, still, or again.
void nats_thread::connected() {
  const auto times = so_far().reconnects;
  if (told_connected_ && times == reconnected_before_)
    return;
  reconnected_before_ = times;
  attempt_ = 0;
  tries_.store(0);
  last_error_.clear();
  if (ever_connected_)
    counts_.reconnects.add();
  ever_connected_ = true;
  std::array<char, 512> url{};
  natsConnection_GetConnectedUrl(connection_, url.data(), url.size());
  // Without a user before the password nats.c forgets the @ that divides it from the address.
  log_info("connected to NATS", {{"server", without_secrets(nats_address(url.data()), settings_)}});
  warn_of_old_nats();
  tell(true);
}

void nats_thread::warn_of_old_nats() const {
  if (natsConnection_HasHeaderSupport(connection_) == NATS_NO_SERVER_SUPPORT)
    log_warning("this NATS is older than 2.2 and takes no headers: nothing with headers is "
                "published, and no service can be called");
}

void nats_thread::failed(std::string error) {
  next_try_ = std::chrono::steady_clock::now() + wait_before(++attempt_);
  // Once for each reason: it may stay away for long.
  if (error != last_error_)
    log_warning("cannot connect to NATS, trying again",
                {{"why", error}, {"servers", nats_addresses(settings_.url)}});
  last_error_ = std::move(error);
  tell(false);
}

// What NATS, or nats.c, has said at the end of the connection.
std::string nats_thread::closing_error() const {
  const char* said = nullptr;
  natsConnection_GetLastError(connection_, &said);
  const bool something = said != nullptr && *said != '\0';
  return something ? nats_words(said, settings_) : "the connection was closed";
}

void nats_thread::give_up(std::string_view why) {
  if (connection_ == nullptr)
    return;
  const std::string reason(why);
  const auto lost = close();
  next_try_ = std::chrono::steady_clock::now() + wait_before(++attempt_);
  if (!finished_)
    log_warning("gave up a connection to NATS", {{"why", reason}, {"events_lost", lost}});
  tell(false);
}

// Returns how many events were lost with the connection: those that waited in nats.c.
std::uint64_t nats_thread::close() {
  for (auto& each : listenings_)
    look_at(each);
  natsConnection_Close(connection_);
  const auto lost = events_lost();
  counts_.dropped.add(bus_drop_reason::closed, lost);
  remember_servers();
  for (auto& each : listenings_)
    natsSubscription_Destroy(std::exchange(each.handle, nullptr));
  natsConnection* old = nullptr;
  {
    const std::lock_guard guard(connection_change_);
    old = std::exchange(connection_, nullptr);
  }
  natsConnection_Destroy(old);
  broken_ = false;
  return lost;
}

// The rest of the cluster, for when those that the configuration knows stay away.
void nats_thread::remember_servers() {
  char** urls = nullptr;
  int number = 0;
  if (natsConnection_GetDiscoveredServers(connection_, &urls, &number) != NATS_OK)
    return;
  const auto configured = split_nats_urls(settings_.url);
  const std::string scheme(split_nats_url(configured.front()).scheme);
  known_servers_.clear();
  for (int i = 0; i < number; ++i) {
    known_servers_.push_back(scheme + std::string(split_nats_url(urls[i]).address));
    std::free(urls[i]);
  }
  std::free(urls);
}

bool nats_thread::is_connected() const {
  return connection_ != nullptr && natsConnection_Status(connection_) == NATS_CONN_STATUS_CONNECTED;
}

nats_thread::figures nats_thread::so_far() const {
  figures out;
  std::uint64_t in_bytes = 0, sent = 0, sent_bytes = 0;
  natsStatistics* statistics = nullptr;
  if (natsStatistics_Create(&statistics) == NATS_OK) {
    if (natsConnection_GetStats(connection_, statistics) == NATS_OK)
      natsStatistics_GetCounts(statistics, &out.in, &in_bytes, &sent, &sent_bytes, &out.reconnects);
    natsStatistics_Destroy(statistics);
  }
  return out;
}

void nats_thread::tell(bool connected) {
  if (told_connected_ == connected)
    return;
  told_connected_ = connected;
  if (!connected && !finished_)
    log_warning("NATS is away");
  caf::anon_send(link_, nats_state{connected});
}

} // namespace troupe
