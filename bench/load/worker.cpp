// Which connections a worker has, and its loop. Receiving is in worker_receive.cpp, publishing in
// worker_publish.cpp.
#include "worker.hpp"

#include "clock.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <unistd.h>

namespace troupe::bench {

namespace {

constexpr std::uint64_t millisecond = 1'000'000;

socket_pool::options pool_options(const plan& p, std::uint32_t index) {
  socket_pool::options options;
  options.target = p.target;
  options.sources = p.sources;
  options.first_source = 2 + index * p.sources;
  options.concurrency = std::max(1u, p.concurrency / p.processes);
  options.rate = p.connect_rate / p.processes;
  return options;
}

std::uint32_t share(std::uint32_t total, std::uint32_t parts, std::uint32_t index) {
  return total / parts + (index < total % parts ? 1 : 0);
}

// Names of equal length, since some protocols write lengths into their messages.
std::string numbered(const std::string& name, std::uint32_t number) {
  const auto digits = std::to_string(number);
  return name + "-" + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

std::string frames_of(const dialect& speech, std::string_view room) {
  std::string frames;
  for (const auto& text : speech.hello)
    append_frame(frames, speech.binary ? opcode::binary : opcode::text,
                 message_template{text}.expand(room), 0x51f0a3c6);
  return frames;
}

} // namespace

worker::worker(const plan& what, control& shared, std::uint32_t index, int wake_fd)
  : plan_{what},
    shared_{shared},
    row_{shared.workers[index]},
    results_{row_.results},
    index_{index},
    wake_fd_{wake_fd},
    pool_{pool_options(what, index), *this} {
  lay_out();
  if (plan_.flat_out())
    window_counts_.resize(std::bit_ceil(plan_.window));
  if (!plan_.client_ping.empty())
    append_frame(ping_frame_, opcode::text, plan_.client_ping, 0x1b2c3d4e);
  if (index_ == 0)
    pool_.watch(wake_fd_);
}

void worker::lay_out() {
  std::uint32_t first_publisher = 0;
  for (const auto& group : plan_.groups) {
    publish_templates_.emplace_back(group.speech.publish);
    timelines_.emplace_back();
    for (std::uint32_t i = 0; i < group.audiences; ++i) {
      if (group.spanning)
        add_audience(group, i, share(group.members, plan_.processes, index_), index_ == 0,
                     first_publisher);
      else if (i % plan_.processes == index_)
        add_audience(group, i, group.members, true, first_publisher);
      first_publisher += group.publishers;
    }
    auto& line = timelines_.back();
    std::uint32_t publishers = 0;
    for (const auto* a : line.audiences)
      publishers += a->publishers;
    if (group.rate > 0 && publishers > 0)
      line.interval_ns = 1e9 / (group.rate * publishers);
  }
  add_churners();
}

void worker::add_audience(const audience_group& group, std::uint32_t number, std::uint32_t members,
                          bool publishes, std::uint32_t first_publisher) {
  const auto& speech = group.speech;
  auto a = std::make_unique<audience>();
  a->room = group.audiences == 1 ? group.name : numbered(group.name, number);
  a->group = &group;
  a->group_number = static_cast<std::uint32_t>(timelines_.size() - 1);
  a->words = {
    handshake_request(plan_.host, message_template{speech.path}.expand(a->room), speech.headers),
    frames_of(speech, a->room), speech.await};
  a->first_publisher = first_publisher;
  a->first_link = static_cast<std::uint32_t>(members_.size());
  a->members = members;
  a->publishers = publishes ? group.publishers : 0;
  a->first_sent = static_cast<std::uint32_t>(sent_.size());
  sent_.resize(sent_.size() + a->publishers);
  const auto number_here = static_cast<std::uint32_t>(audiences_.size());
  for (std::uint32_t i = 0; i < members; ++i) {
    pool_.add_link(a->words);
    const auto entry = sequences_.add_entries(group.publishers, 0);
    members_.push_back({.audience = number_here, .first_entry = static_cast<std::uint32_t>(entry)});
  }
  if (!speech.publish_http.empty()) {
    a->http_head = "POST " + message_template{speech.publish_http}.expand(a->room) +
                   " HTTP/1.1\r\nHost: " + plan_.host + "\r\nContent-Type: application/json\r\n";
    for (const auto* headers : {&speech.headers, &speech.http_headers}) {
      for (const auto& header : *headers)
        a->http_head += header + "\r\n";
    }
    a->http_head += "Content-Length: ";
    a->first_http = static_cast<std::uint32_t>(members_.size());
    for (std::uint32_t i = 0; i < a->publishers; ++i) {
      http_[pool_.add_link(a->http_words)];
      members_.push_back({.audience = number_here});
    }
  }
  if (group.spanning)
    spanning_ = a.get();
  timelines_.back().audiences.push_back(a.get());
  audiences_.push_back(std::move(a));
}

void worker::add_churners() {
  if (timelines_.empty() || timelines_.front().audiences.empty())
    return;
  const auto& hosts = timelines_.front().audiences;
  for (std::uint32_t i = 0; i < share(plan_.churners, plan_.processes, index_); ++i) {
    const auto host = static_cast<std::uint32_t>(i % hosts.size());
    churners_.push_back(pool_.add_link(hosts[host]->words));
    const auto entry =
      sequences_.add_entries(hosts[host]->group->publishers, sequence_check::from_anywhere);
    members_.push_back(
      {.audience = host, .first_entry = static_cast<std::uint32_t>(entry), .transient = true});
  }
}

void worker::run() {
  while (phase_ != phase::stop) {
    if (const auto next = shared_.now.load(); next != phase_)
      enter(next);
    const auto wake_at = work(now_ns());
    pool_.poll(wake_at);
    report_progress();
  }
}

void worker::enter(phase next) {
  // What became due while the conductor's word was under way still goes out.
  if (phase_ == phase::run && next != phase::run) {
    publish_due(until_);
    if (index_ == 0)
      shared_.published_all = true;
    churning_ = false;
    for (const auto link : churners_)
      pool_.close(link);
  }
  phase_ = next;
  const auto first_churner = static_cast<std::uint32_t>(members_.size() - churners_.size());
  if (next == phase::open) {
    for (std::uint32_t link = 0; link < first_churner; ++link)
      pool_.open(link);
  } else if (next == phase::run) {
    base_ = shared_.base_ns;
    start_ = shared_.start_ns;
    from_ = shared_.from_ns;
    until_ = shared_.until_ns;
    churning_ = true;
    for (const auto link : churners_)
      pool_.open(link);
  } else if (next == phase::close) {
    for (std::uint32_t link = 0; link < members_.size(); ++link)
      pool_.close(link);
    row_.opened = 0;
  } else if (next == phase::stop) {
    finish();
  }
}

std::uint64_t worker::work(std::uint64_t now) {
  switch (phase_) {
  case phase::hold:
    return now + 20 * millisecond;
  case phase::probe:
    probe_all(now);
    return now + 2 * millisecond;
  case phase::run: {
    auto wake_at = now + 20 * millisecond;
    if (plan_.flat_out())
      publish_window(now);
    else
      wake_at = std::min(wake_at, publish_due(now));
    wake_at = std::min(wake_at, churn_due(now));
    return std::min(wake_at, ping_due(now));
  }
  default:
    return now + 2 * millisecond;
  }
}

void worker::report_progress() {
  row_.accounted.store(accounted_, std::memory_order_relaxed);
  if (window_complete_ != window_reported_) {
    window_reported_ = window_complete_;
    row_.complete.store(window_complete_);
    const std::uint64_t one = 1;
    if (index_ != 0)
      static_cast<void>(!::write(wake_fd_, &one, sizeof one));
  }
  if (phase_ == phase::probe && complete_audiences_ == audiences_.size())
    row_.ready = 1;
  if (phase_ == phase::drain) {
    const bool answered = std::all_of(http_.begin(), http_.end(),
                                      [](const auto& q) { return q.second.waiting.empty(); });
    if (answered && shared_.published_all && accounted_ >= expected() && pongs_ >= pings_sent_)
      row_.drained = 1;
  }
}

void worker::problem(std::string_view text) {
  if (results_.first_problem[0] == '\0')
    text.copy(results_.first_problem.data(), results_.first_problem.size() - 1);
}

void worker::finish() {
  const auto due = expected();
  results_.missing = sequences_.missing() + (due > accounted_ ? due - accounted_ : 0);
  results_.doubled = sequences_.doubled();
  results_.disordered = sequences_.disordered();
  results_.pongs_missing = pings_sent_ - std::min(pings_sent_, pongs_);
}

} // namespace troupe::bench
