#include "server/bridges/nats_link.hpp"

#include "server/auth/base64url.hpp"
#include "server/log/log.hpp"

#include <caf/send.hpp>
#include <openssl/rand.h>

#include <array>
#include <exception>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

// Beyond what clients may ask for at once (limits.rpc_calls_max), unless that was raised a lot.
constexpr std::size_t requests_max = 100'000;
constexpr std::chrono::seconds warning_interval{60};

// One token of a subject that nobody can guess: 128 bits.
std::string secret_token() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("no random bytes");
  return base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

} // namespace

nats_link::nats_link(caf::actor_config& config, event_loop* loop, nats_thread& thread,
                     const nats_config& settings, bus_metrics& counts)
  : placed_actor(config, loop),
    thread_(thread),
    settings_(settings),
    counts_(counts),
    outbox_(settings.publish_buffer_bytes_max, settings.when_full),
    inboxes_(settings.inbox_prefix + '.' + secret_token() + '.') {
  report_exceptions([](std::string_view what) { log_error(what); }, "the link to NATS");
}

// One message that fails here must not end the way to NATS for all. False when it has failed.
template <class Work>
bool nats_link::guarded(const Work& work) {
  try {
    work();
    return true;
  } catch (const std::exception& problem) {
    log_error("a message to or from NATS failed", {{"why", problem.what()}});
    return false;
  }
}

nats_link::behavior_type nats_link::make_behavior() {
  set_down_handler([this](caf::down_msg& down) { guarded([&] { forget(down.source); }); });
  open_inboxes();
  return {[this](bus_listen& wanted) { guarded([&] { on_listen(wanted); }); },
          [this](bus_publish& message) { guarded([&] { on_publish(message); }); },
          [this](bus_request& asked) -> caf::result<bus_answer> {
            auto answer = make_response_promise<bus_answer>();
            if (!guarded([&] { on_request(asked, answer); }) && answer.pending())
              answer.deliver(bus_answer{bus_answer::outcome::no_responders, {}});
            return answer;
          },
          [this](nats_state state) { guarded([&] { on_state(state); }); },
          [this](nats_batch_done& batch) { guarded([&] { on_done(batch); }); },
          [this](nats_reply& reply) { guarded([&] { on_reply(reply); }); },
          [this](nats_expired timer) { guarded([&] { on_expired(timer); }); },
          [this](nats_finish) {
            thread_.finish(outbox_.take_all());
            quit();
          }};
}

void nats_link::on_exit() {
  listeners_.clear();
  for (auto& [request, each] : awaiting_)
    each.answer.deliver(bus_answer{bus_answer::outcome::no_responders, {}});
  awaiting_.clear();
  deadlines_.clear();
}

// -- from NATS ---------------------------------------------------------------------------------------

nats_subscription_ptr nats_link::subscription(std::string subject, std::string queue,
                                              nats_subscription::sink deliver) {
  return std::make_shared<nats_subscription>(std::move(subject), std::move(queue),
                                             settings_.in_flight_max, counts_, std::move(deliver));
}

void nats_link::on_listen(bus_listen& wanted) {
  if (!valid_to_listen(wanted.subject) || (!wanted.queue.empty() && !valid_to_listen(wanted.queue)))
    return log_error("not a subject to listen to", {{"subject", wanted.subject}});
  const auto address = wanted.who.address();
  auto& entry = listeners_[address];
  if (!entry.who) {
    entry.who = wanted.who;
    monitor(address);
    if (connected_)
      send(wanted.who, bus_state{true});
  }
  auto made = subscription(
    std::move(wanted.subject), std::move(wanted.queue),
    [who = wanted.who](bus_message message, bool) { caf::anon_send(who, std::move(message)); });
  entry.subscriptions.push_back(made);
  thread_.listen(std::move(made));
}

void nats_link::forget(const caf::actor_addr& who) {
  const auto found = listeners_.find(who);
  if (found == listeners_.end())
    return;
  for (auto& each : found->second.subscriptions)
    thread_.unlisten(std::move(each));
  listeners_.erase(found);
}

void nats_link::on_state(nats_state state) {
  connected_ = state.connected;
  counts_.connected.store(connected_); // not before: whoever reads it is served accordingly
  for (const auto& [address, entry] : listeners_)
    send(entry.who, bus_state{connected_});
  pump();
}

// -- to NATS -----------------------------------------------------------------------------------------

std::size_t nats_link::push(nats_outgoing message) {
  const std::string subject = message.subject;
  const auto dropped = outbox_.push(std::move(message));
  counts_.dropped.add(bus_drop_reason::buffer_full, dropped);
  if (dropped > 0)
    warn("messages for NATS are dropped: too many wait for it", subject);
  pump();
  return dropped;
}

// One batch at a time: what comes meanwhile goes with the next one.
void nats_link::pump() {
  if (connected_ && !in_hand_ && !outbox_.empty()) {
    const auto before = outbox_.bytes();
    in_hand_ = true;
    thread_.publish(outbox_.take());
    bytes_in_hand_ = before - outbox_.bytes();
  }
  counts_.outbox_bytes.store(outbox_.bytes() + bytes_in_hand_);
}

void nats_link::on_done(nats_batch_done& batch) {
  in_hand_ = false;
  bytes_in_hand_ = 0;
  outbox_.put_back(std::move(batch.returned));
  pump();
}

void nats_link::on_publish(bus_publish& message) {
  if (!valid_subject(message.subject)) {
    counts_.dropped.add(bus_drop_reason::invalid_subject);
    return warn("not a subject to publish to", message.subject);
  }
  push({.subject = std::move(message.subject),
        .payload = std::move(message.payload),
        .headers = std::move(message.headers)});
}

void nats_link::warn(std::string_view what, std::string_view subject) {
  const auto now = std::chrono::steady_clock::now();
  if (warned_ != std::chrono::steady_clock::time_point{} && now - warned_ < warning_interval)
    return;
  warned_ = now;
  log_warning(what, {{"subject", subject.substr(0, 256)}});
}

// -- requests ----------------------------------------------------------------------------------------

void nats_link::open_inboxes() {
  const auto self = caf::actor_cast<nats_link_actor>(this);
  // The handle would keep the actor alive for as long as the thread has the subscription: that is
  // until the end of the thread, which comes after the actor's.
  thread_.listen(subscription(inboxes_ + '*', {}, [self](bus_message message, bool nobody) {
    caf::anon_send(self, nats_reply{std::move(message.subject), nobody, std::move(message.payload),
                                    std::move(message.credit)});
  }));
}

void nats_link::on_request(bus_request& asked, promise answer) {
  const auto nobody = [&] { answer.deliver(bus_answer{bus_answer::outcome::no_responders, {}}); };
  if (!valid_subject(asked.subject)) {
    counts_.dropped.add(bus_drop_reason::invalid_subject);
    warn("not a subject to publish to", asked.subject);
    return nobody();
  }
  const auto inbox = inboxes_ + secret_token();
  nats_outgoing message{.subject = std::move(asked.subject),
                        .payload = std::move(asked.payload),
                        .reply = inbox,
                        .headers = std::move(asked.headers),
                        .until = std::chrono::steady_clock::now() + asked.within};
  if (!connected_ || awaiting_.size() >= requests_max || !outbox_.fits(message))
    return nobody();
  const auto until = clock().now() + asked.within;
  awaiting_.emplace(inbox, waiting{answer, until});
  deadlines_.emplace(until, inbox);
  const auto dropped = push(std::move(message));
  if (dropped > 0 && settings_.when_full == nats_when_full::refuse) { // it was this one
    finish(inbox, bus_answer{bus_answer::outcome::no_responders, {}});
    return;
  }
  counts_.requests.add();
  watch_deadlines();
}

// False when nobody waits for it: it came too late, or twice.
bool nats_link::finish(const std::string& inbox, bus_answer with) {
  const auto found = awaiting_.find(inbox);
  if (found == awaiting_.end())
    return false;
  auto of = std::move(found->second);
  deadlines_.erase({of.until, inbox});
  awaiting_.erase(found);
  of.answer.deliver(std::move(with));
  return true;
}

void nats_link::on_reply(nats_reply& reply) {
  const auto what =
    reply.no_responders ? bus_answer::outcome::no_responders : bus_answer::outcome::answered;
  finish(reply.inbox, bus_answer{what, std::move(reply.payload)});
}

void nats_link::on_expired(nats_expired timer) {
  if (timer.at != next_look_)
    return; // an earlier one has taken its place
  const auto now = clock().now();
  next_look_ = time_point::max();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const std::string inbox = deadlines_.begin()->second; // `finish` takes it out
    finish(inbox, bus_answer{bus_answer::outcome::timeout, {}});
  }
  watch_deadlines();
}

// One timer for all of them: calls that are answered in a moment leave nothing behind.
void nats_link::watch_deadlines() {
  if (deadlines_.empty() || deadlines_.begin()->first >= next_look_)
    return;
  next_look_ = deadlines_.begin()->first;
  delayed_send(this, next_look_ - clock().now(), nats_expired{next_look_});
}

} // namespace troupe
