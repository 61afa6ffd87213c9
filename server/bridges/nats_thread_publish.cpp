// the thread's way out. A batch is published, then confirmed by the answer to a ping: whatever
// breaks before that, each of its messages is counted, as taken or as lost.
#include "server/bridges/nats_pointers.hpp"
#include "server/bridges/nats_thread.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace troupe {

namespace {

// A line end would begin another header, or end them all: nats.c does not look.
std::string one_line(std::string text) {
  std::ranges::replace_if(
    text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, '?');
  return text;
}

bool goes_back(natsStatus status) {
  return status == NATS_INSUFFICIENT_BUFFER || status == NATS_CONNECTION_CLOSED ||
         status == NATS_CONNECTION_DISCONNECTED;
}

} // namespace

natsStatus nats_thread::publish_one(const nats_outgoing& message) {
  const auto* data = message.payload.data();
  const auto size = static_cast<int>(message.payload.size());
  const auto* reply = message.reply.empty() ? nullptr : message.reply.c_str();
  if (message.headers.empty())
    return reply == nullptr
             ? natsConnection_Publish(connection_, message.subject.c_str(), data, size)
             : natsConnection_PublishRequest(connection_, message.subject.c_str(), reply, data,
                                             size);
  natsMsg* made = nullptr;
  auto s = natsMsg_Create(&made, message.subject.c_str(), reply, data, size);
  const owned_message owned(made);
  for (const auto& [name, value] : message.headers)
    if (s == NATS_OK)
      s = natsMsgHeader_Add(made, one_line(name).c_str(), one_line(value).c_str());
  return s == NATS_OK ? natsConnection_PublishMsg(connection_, made) : s;
}

// True when the message is counted as dropped and the next one may be tried.
bool nats_thread::lost(natsStatus status) {
  if (status == NATS_MAX_PAYLOAD)
    counts_.dropped.add(bus_drop_reason::too_large);
  else if (status == NATS_NO_SERVER_SUPPORT || status == NATS_INVALID_ARG)
    counts_.dropped.add(bus_drop_reason::refused);
  else if (status == NATS_INVALID_SUBJECT)
    counts_.dropped.add(bus_drop_reason::invalid_subject);
  else {
    // Say a write that did not come to an end: NATS could not make sense of what would follow.
    counts_.dropped.add(bus_drop_reason::unconfirmed);
    broken_ = true;
  }
  return !broken_;
}

// Nobody will answer a request that was not made.
void nats_thread::tell_asker(const nats_outgoing& message) {
  if (!message.reply.empty() && !ending_.load())
    caf::anon_send(link_, nats_reply{message.reply, true, {}, {}});
}

// Everything that was published is at NATS when it answers, on the connection it was published on.
bool nats_thread::confirm(std::chrono::milliseconds within, std::uint64_t before) {
  const auto s = is_connected() ? natsConnection_FlushTimeout(connection_, within.count())
                                : NATS_CONNECTION_DISCONNECTED;
  // After a time-out nats.c would take the late answer for that of the next ping.
  broken_ = broken_ || s == NATS_TIMEOUT;
  return s == NATS_OK && so_far().reconnects == before;
}

// Returns what was not sent.
nats_batch nats_thread::publish_all(nats_batch batch, std::chrono::milliseconds within) {
  if (batch.empty() || broken_ || !is_connected())
    return batch;
  const auto before = so_far().reconnects;
  const auto now = std::chrono::steady_clock::now();
  std::uint64_t sent = 0;
  auto at = batch.begin();
  for (bool goes_on = true; goes_on && at != batch.end();) {
    if (at->until != time_point{} && at->until <= now) {
      counts_.dropped.add(bus_drop_reason::expired);
      ++at;
      continue;
    }
    const auto s = publish_one(*at);
    if (goes_back(s))
      break;
    ++at;
    if (s == NATS_OK) {
      ++sent;
    } else {
      goes_on = lost(s);
      tell_asker(*std::prev(at));
    }
  }
  if (sent > 0 && confirm(within, before))
    counts_.published.add(sent);
  else
    counts_.dropped.add(bus_drop_reason::unconfirmed, sent);
  return {std::make_move_iterator(at), std::make_move_iterator(batch.end())};
}

} // namespace troupe
