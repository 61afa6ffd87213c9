// What a worker does with everything that arrives.
#include "clock.hpp"
#include "worker.hpp"

#include <algorithm>

namespace troupe::bench {

void worker::on_open(std::uint32_t link) {
  auto& m = members_[link];
  if (m.transient) {
    if (!churning_)
      return pool_.close(link);
    const auto& a = *audiences_[m.audience];
    for (std::uint32_t i = 0; i < a.group->publishers; ++i)
      sequences_.restart(m.first_entry + i);
    // The first time they leave one after another, not all at once.
    const auto first = results_.churned + churners_leaving_.size() < churners_.size();
    const auto part = first ? static_cast<double>(churners_leaving_.size() + 1) /
                                static_cast<double>(churners_.size())
                            : 1.0;
    const auto stay = static_cast<std::uint64_t>(plan_.hold * part * 1e9);
    churners_leaving_.emplace_back(now_ns() + stay, link);
    return;
  }
  row_.opened.fetch_add(1);
  if (const auto queue = http_.find(link); queue != http_.end()) {
    queue->second.busy = !queue->second.waiting.empty();
    if (queue->second.busy)
      pool_.send(link, queue->second.waiting.front());
  }
}

void worker::on_closed(std::uint32_t link, std::string_view why) {
  // A keep-alive connection may end between two requests; the one under way is sent again.
  if (http_.contains(link) && why.empty()) {
    row_.opened.fetch_sub(1);
    return pool_.open(link);
  }
  problem(why.empty() ? "the server closed a connection" : why);
  row_.failed.fetch_add(1);
}

void worker::on_payload(std::uint32_t link, std::string_view payload) {
  const auto before = results_.delivered;
  if (members_[link].split_token) [[unlikely]]
    count_split(link, payload);
  else if (count_tokens(link, payload) == 0)
    on_other(link, payload);
  if (results_.delivered != before) {
    results_.bytes += payload.size();
    if (last_read_ != pool_.reads()) {
      last_read_ = pool_.reads();
      ++results_.reads;
    }
  }
}

std::size_t worker::count_tokens(std::uint32_t link, std::string_view payload) {
  std::size_t count = 0;
  const auto left = for_each_token(payload, plan_.mark, [&](const token& t) {
    ++count;
    on_token(link, t);
  });
  if (left != 0) [[unlikely]] {
    members_[link].split_token = true;
    tails_[link] = payload.substr(payload.size() - left);
  }
  return count;
}

// A server that sends a stream of messages cut into frames may cut in the middle of a token.
void worker::count_split(std::uint32_t link, std::string_view payload) {
  members_[link].split_token = false;
  std::string text = std::move(tails_[link]);
  tails_.erase(link);
  text += payload;
  count_tokens(link, text);
}

void worker::on_other(std::uint32_t link, std::string_view payload) {
  const auto& speech = audiences_[members_[link].audience]->group->speech;
  if (!plan_.client_pong.empty() && payload.starts_with(plan_.client_pong)) {
    ++pongs_;
  } else if (!speech.pong.empty() && payload.starts_with(speech.ping)) {
    ++results_.pings;
    frame_.clear();
    append_frame(frame_, speech.binary ? opcode::binary : opcode::text, speech.pong, 0x7a6b5c4d);
    pool_.send(link, frame_);
  }
}

void worker::on_token(std::uint32_t link, const token& t) {
  auto& m = members_[link];
  if (t.publisher == probe_publisher) [[unlikely]]
    return on_probe(m, t);
  const auto& a = *audiences_[m.audience];
  const auto slot = t.publisher - a.first_publisher;
  if (slot >= a.group->publishers) [[unlikely]] {
    ++results_.strayed;
    return;
  }
  const auto accounted = sequences_.observe(m.first_entry + slot, t.sequence);
  ++results_.delivered_ever;
  if (shared_.measuring.load(std::memory_order_relaxed))
    ++results_.delivered;
  const auto due = base_ + t.due;
  if (due >= from_ && due < until_) {
    const auto now = pool_.read_time();
    results_.latency.record(now > due ? now - due : 0);
  }
  if (m.transient)
    return;
  accounted_ += accounted;
  if (plan_.flat_out())
    count_broadcast(slot, t.sequence, accounted);
}

void worker::on_probe(member& m, const token& t) {
  auto& a = *audiences_[m.audience];
  if (t.sequence != a.first_publisher) {
    ++results_.strayed;
  } else if (!m.probed && !m.transient) {
    m.probed = true;
    if (++a.probed == a.members)
      ++complete_audiences_;
  }
}

// Broadcasts are numbered over all publishers in turn. One counts as complete only when all before
// it are: with more than one publisher that is on the careful side.
void worker::count_broadcast(std::uint32_t slot, std::uint32_t sequence, std::uint32_t accounted) {
  const auto& a = *spanning_;
  const auto ring = static_cast<std::uint32_t>(window_counts_.size() - 1);
  for (auto i = accounted; i > 0; --i)
    ++window_counts_[((sequence - i + 1) * a.group->publishers + slot) & ring];
  const bool all_receive = a.group->speech.echo || a.publishers == 0 || !a.http_head.empty();
  const auto full = a.members - (all_receive ? 0 : 1);
  while (window_counts_[window_complete_ & ring] >= full) {
    window_counts_[window_complete_ & ring] = 0;
    ++window_complete_;
  }
}

std::uint64_t worker::expected() const {
  auto total = expected_local_;
  if (spanning_ != nullptr) {
    const auto& a = *spanning_;
    const bool all_receive = a.group->speech.echo || a.publishers == 0 || !a.http_head.empty();
    const std::uint64_t each = a.members - (all_receive ? 0 : 1);
    for (std::uint32_t i = 0; i < a.group->publishers; ++i)
      total += shared_.published[i] * each;
  }
  return total;
}

} // namespace troupe::bench
