#include "server/bridges/nats_link.hpp"

#include "server/log/log.hpp"

#include <caf/send.hpp>

#include <charconv>
#include <random>
#include <utility>

namespace troupe {

namespace {

// Beyond what clients may ask for at once (limits.rpc_calls_max), unless that was raised a lot.
constexpr std::size_t requests_max = 100'000;
constexpr std::chrono::seconds complaints_at_most_every{60};

// Nobody else has it: NATS sends to everybody who listens.
std::string new_inbox() {
  static constexpr char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::random_device random;
  std::string name = "_INBOX.";
  for (int i = 0; i < 22; ++i)
    name += letters[random() % 36];
  return name + '.';
}

std::uint64_t request_of(std::string_view subject, std::size_t prefix) {
  std::uint64_t number = 0;
  if (subject.size() > prefix)
    std::from_chars(subject.data() + prefix, subject.data() + subject.size(), number);
  return number;
}

} // namespace

nats_link::nats_link(caf::actor_config& config, event_loop* loop, nats_line& line,
                     const nats_config& settings, bus_metrics& counts)
  : placed_actor(config, loop),
    line_(line),
    settings_(settings),
    counts_(counts),
    outbox_(settings.publish_buffer_bytes_max, settings.when_full),
    inbox_(new_inbox()) {
  report_exceptions([](std::string_view what) { log_error(what); }, "the link to NATS");
}

nats_link::behavior_type nats_link::make_behavior() {
  set_down_handler([this](caf::down_msg& down) { forget(down.source); });
  open_inbox();
  return {[this](bus_listen& wanted) { on_listen(wanted); },
          [this](bus_publish& message) { on_publish(message); },
          [this](bus_request& asked) { return on_request(asked); },
          [this](nats_state state) { on_state(state); },
          [this](nats_batch_done& batch) {
            in_hand_ = false;
            outbox_.put_back(std::move(batch.returned));
            pump();
          },
          [this](nats_reply& reply) { on_reply(reply); },
          [this](nats_expired expired) { on_expired(expired); },
          [this](nats_finish) {
            line_.finish(outbox_.take_all());
            quit();
          }};
}

void nats_link::on_exit() {
  listeners_.clear();
  awaiting_.clear();
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
  line_.listen(std::move(made));
}

void nats_link::forget(const caf::actor_addr& who) {
  const auto found = listeners_.find(who);
  if (found == listeners_.end())
    return;
  for (auto& each : found->second.subscriptions)
    line_.unlisten(std::move(each));
  listeners_.erase(found);
}

void nats_link::on_state(nats_state state) {
  connected_ = state.connected;
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
    complain("messages for NATS are dropped: too many wait for it", subject);
  pump();
  return dropped;
}

// One batch at a time: what comes meanwhile goes with the next one, and is counted here.
void nats_link::pump() {
  if (connected_ && !in_hand_ && !outbox_.empty()) {
    in_hand_ = true;
    line_.publish(outbox_.take());
  }
  counts_.outbox_bytes.store(outbox_.bytes());
}

void nats_link::on_publish(bus_publish& message) {
  if (!valid_subject(message.subject)) {
    counts_.dropped.add(bus_drop_reason::invalid_subject);
    return complain("not a subject to publish to", message.subject);
  }
  push({.subject = std::move(message.subject),
        .payload = std::move(message.payload),
        .headers = std::move(message.headers)});
}

void nats_link::complain(std::string_view what, std::string_view subject) {
  const auto now = std::chrono::steady_clock::now();
  if (complained_ != std::chrono::steady_clock::time_point{} &&
      now - complained_ < complaints_at_most_every)
    return;
  complained_ = now;
  log_warning(what, {{"subject", subject.substr(0, 256)}});
}

// -- requests ----------------------------------------------------------------------------------------

void nats_link::open_inbox() {
  const auto self = caf::actor_cast<nats_link_actor>(this);
  // The handle would keep the actor alive for as long as the line has the subscription: that is
  // until the end of the line, which comes after the actor's.
  line_.listen(subscription(
    inbox_ + '*', {}, [self, prefix = inbox_.size()](bus_message message, bool nobody) {
      const auto request = request_of(message.subject, prefix);
      caf::anon_send(self, nats_reply{request, nobody, std::move(message.payload),
                                      std::move(message.on_its_way)});
    }));
}

nats_link::promise nats_link::on_request(bus_request& asked) {
  auto answer = make_response_promise<bus_answer>();
  const auto nobody = [&] {
    answer.deliver(bus_answer{bus_answer::outcome::no_responders, {}});
    return answer;
  };
  if (!valid_subject(asked.subject)) {
    counts_.dropped.add(bus_drop_reason::invalid_subject);
    complain("not a subject to publish to", asked.subject);
    return nobody();
  }
  if (!connected_ || awaiting_.size() >= requests_max)
    return nobody();
  const auto id = ++last_request_;
  awaiting_.emplace(id, answer);
  const auto dropped = push({.subject = std::move(asked.subject),
                             .payload = std::move(asked.payload),
                             .reply = inbox_ + std::to_string(id),
                             .headers = std::move(asked.headers),
                             .until = std::chrono::steady_clock::now() + asked.within});
  if (dropped > 0 && settings_.when_full == nats_when_full::refuse) { // it was this one
    awaiting_.erase(id);
    return nobody();
  }
  counts_.requests.add();
  delayed_send(this, asked.within, nats_expired{id});
  return answer;
}

void nats_link::on_reply(nats_reply& reply) {
  const auto found = awaiting_.find(reply.request);
  if (found == awaiting_.end())
    return; // it came too late, or twice
  const auto what =
    reply.no_responders ? bus_answer::outcome::no_responders : bus_answer::outcome::answered;
  found->second.deliver(bus_answer{what, std::move(reply.payload)});
  awaiting_.erase(found);
}

void nats_link::on_expired(nats_expired expired) {
  const auto found = awaiting_.find(expired.request);
  if (found == awaiting_.end())
    return;
  found->second.deliver(bus_answer{bus_answer::outcome::timeout, {}});
  awaiting_.erase(found);
}

} // namespace troupe
