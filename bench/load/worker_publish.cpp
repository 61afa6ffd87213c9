// What a worker sends, and when.
#include "clock.hpp"
#include "worker.hpp"

#include <algorithm>

namespace troupe::bench {

namespace {
constexpr std::uint64_t never = ~std::uint64_t{0};
} // namespace

// Membership is only known to be complete once a message has reached every member.
void worker::probe_all(std::uint64_t now) {
  for (auto& a : audiences_) {
    const bool complete = a->probed == a->members && !(a->group->spanning && plan_.processes > 1);
    if (complete || a->publishers == 0 || now < a->probe_after)
      continue;
    a->probe_after = now + 500'000'000;
    transmit(*a, 0, {0, probe_publisher, a->first_publisher}, nullptr);
    auto& first = members_[a->first_link];
    if (!a->group->speech.echo && a->http_head.empty() && !first.probed)
      on_probe(first, {0, probe_publisher, a->first_publisher});
  }
}

// Sends what is due by `now`; returns when the next message is.
std::uint64_t worker::publish_due(std::uint64_t now) {
  auto next_due = never;
  for (auto& line : timelines_) {
    if (line.interval_ns <= 0)
      continue;
    const auto count = line.audiences.size();
    for (;; ++line.next) {
      const auto due =
        start_ + static_cast<std::uint64_t>(static_cast<double>(line.next) * line.interval_ns);
      if (due >= until_)
        break;
      if (due > now) {
        next_due = std::min(next_due, due);
        break;
      }
      // Neighbours in time are in different rooms, so a room's traffic is spread evenly as well.
      auto& a = *line.audiences[line.next % count];
      publish(a, static_cast<std::uint32_t>((line.next / count) % a.publishers), due);
    }
  }
  return next_due;
}

void worker::publish(audience& a, std::uint32_t slot, std::uint64_t due) {
  const auto now = now_ns();
  if (due >= from_ && due < until_)
    results_.lateness.record(now > due ? now - due : 0);
  transmit(a, slot, {due - base_, a.first_publisher + slot, count_published(a, slot)}, nullptr);
}

// Takes note of one more message and returns its sequence number.
std::uint32_t worker::count_published(audience& a, std::uint32_t slot) {
  if (shared_.measuring.load(std::memory_order_relaxed))
    ++results_.published;
  if (&a == spanning_)
    shared_.published[slot].fetch_add(1);
  else
    expected_local_ += a.members - (a.group->speech.echo || !a.http_head.empty() ? 0 : 1);
  return sent_[a.first_sent + slot]++;
}

void worker::publish_window(std::uint64_t now) {
  if (spanning_ == nullptr || spanning_->publishers == 0 || now < start_ || now >= until_)
    return;
  auto complete = window_complete_;
  for (std::uint32_t i = 1; i < plan_.processes; ++i) {
    const auto theirs = shared_.workers[i].complete.load();
    if (static_cast<std::int32_t>(theirs - complete) < 0)
      complete = theirs;
  }
  auto& a = *spanning_;
  std::string gathered;
  for (; window_published_ - complete < plan_.window; ++window_published_) {
    if (plan_.broadcasts > 0 && window_published_ == plan_.broadcasts)
      break;
    const auto slot = window_published_ % a.publishers;
    transmit(a, slot, {now - base_, a.first_publisher + slot, count_published(a, slot)},
             a.publishers == 1 ? &gathered : nullptr);
  }
  if (!gathered.empty())
    pool_.send(a.first_link, gathered);
}

// Sends one message, or appends its frame to `gather` for a later send.
void worker::transmit(audience& a, std::uint32_t slot, const token& t, std::string* gather) {
  const auto& speech = a.group->speech;
  text_.clear();
  publish_templates_[a.group_number].expand(text_, a.room, plan_.mark, t,
                                            plan_.payload + speech.overhead);
  if (!a.http_head.empty())
    return post(a.first_http + slot, a.http_head, text_);
  const auto op = speech.binary ? opcode::binary : opcode::text;
  if (gather != nullptr)
    return append_frame(*gather, op, text_, mask_key);
  frame_.clear();
  append_frame(frame_, op, text_, mask_key);
  pool_.send(a.first_link + slot, frame_);
}

void worker::post(std::uint32_t link, std::string_view head, std::string_view body) {
  auto& queue = http_[link];
  std::string request{head};
  request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  queue.waiting.push_back(std::move(request));
  if (queue.busy || !pool_.is_open(link))
    return;
  queue.busy = true;
  pool_.send(link, queue.waiting.front());
}

void worker::on_response(std::uint32_t link, int status) {
  auto& queue = http_[link];
  if (status / 100 != 2) {
    ++results_.failed_requests;
    problem("HTTP status " + std::to_string(status));
  }
  if (!queue.waiting.empty())
    queue.waiting.pop_front();
  queue.busy = !queue.waiting.empty();
  if (queue.busy)
    pool_.send(link, queue.waiting.front());
}

std::uint64_t worker::churn_due(std::uint64_t now) {
  while (!churners_leaving_.empty() && churners_leaving_.front().first <= now) {
    const auto link = churners_leaving_.front().second;
    churners_leaving_.pop_front();
    pool_.close(link);
    pool_.open(link);
    ++results_.churned;
  }
  return churners_leaving_.empty() ? never : churners_leaving_.front().first;
}

std::uint64_t worker::ping_due(std::uint64_t now) {
  const auto links = members_.size() - churners_.size();
  if (ping_frame_.empty() || plan_.client_ping_every <= 0 || links == 0)
    return never;
  const auto interval = plan_.client_ping_every * 1e9 / static_cast<double>(links);
  for (;; ++pings_sent_) {
    const auto due =
      start_ + static_cast<std::uint64_t>(static_cast<double>(pings_sent_) * interval);
    if (due >= until_)
      return never;
    if (due > now)
      return due;
    pool_.send(static_cast<std::uint32_t>(pings_sent_ % links), ping_frame_);
  }
}

} // namespace troupe::bench
