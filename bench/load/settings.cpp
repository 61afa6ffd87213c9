#include "settings.hpp"

#include "clock.hpp"
#include "message_template.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <arpa/inet.h>
#include <sys/resource.h>

namespace troupe::bench {

namespace {

constexpr std::string_view room_message = R"({"type":"message","message":"{time} {seq} {pad}"})";
constexpr std::string_view topic_message =
  R"({"type":"publish","topic":"{room}","data":"{time} {seq} {pad}"})";
constexpr std::string_view announcement = R"({"text":"{time} {seq} {pad}"})";
constexpr std::string_view topic_hello = R"({"type":"subscribe","topics":["{room}"]})";

// Returns the path, empty when the URL has none.
std::string read_url(std::string_view url, plan& p) {
  constexpr std::string_view scheme = "ws://";
  if (!url.starts_with(scheme))
    throw std::invalid_argument{"--url must begin with ws://"};
  url.remove_prefix(scheme.size());
  const auto slash = std::min(url.find('/'), url.size());
  p.host = url.substr(0, slash);
  const auto colon = std::min(p.host.find(':'), p.host.size());
  auto address = p.host.substr(0, colon);
  if (address == "localhost")
    address = "127.0.0.1";
  std::uint16_t port = 80;
  if (colon < p.host.size()) {
    const auto digits = std::string_view{p.host}.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size())
      throw std::invalid_argument{"--url has no valid port"};
  }
  p.target.sin_family = AF_INET;
  p.target.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &p.target.sin_addr) != 1)
    throw std::invalid_argument{"--url needs an IPv4 address or localhost"};
  return std::string{url.substr(slash)};
}

dialect make_dialect(const settings& s, const std::string& path, bool topic) {
  dialect d;
  const auto or_else = [](const std::string& given, std::string_view fallback) {
    return given.empty() ? std::string{fallback} : given;
  };
  d.path = or_else(path, topic ? "/ws" : "/chat/{room}");
  d.headers = s.headers;
  d.http_headers = s.http_headers;
  d.hello = s.hello;
  d.await = message_template{s.await}.expand(s.room);
  if (topic && s.hello.empty()) {
    d.hello.emplace_back(topic_hello);
    d.await = or_else(d.await, R"("subscribed")");
  }
  d.publish = or_else(s.publish, topic ? topic_message : room_message);
  d.publish_http = s.publish_http;
  d.ping = s.ping ? message_template{*s.ping}.expand("") : d.ping;
  d.pong = s.pong ? message_template{*s.pong}.expand("") : d.pong;
  if (!s.answer_pings)
    d.pong.clear();
  d.binary = s.binary;
  d.echo = !s.no_echo;
  d.overhead = s.overhead;
  if (!message_template{d.publish}.has_token())
    throw std::invalid_argument{"--publish must contain {time}"};
  return d;
}

void plan_messages(const settings& s, const std::string& path, plan& p) {
  const bool topic = !s.topic.empty() || (s.mode == "fanout" && path.empty() && s.hello.empty());
  audience_group group;
  group.name = s.topic.empty() ? s.room : s.topic;
  group.speech = make_dialect(s, path, topic && s.mode != "mixed");
  if (s.mode == "fanout") {
    group.members = s.connections;
    group.publishers = s.publishers;
    group.rate = s.rate / s.publishers;
    group.spanning = true;
    p.window = s.rate > 0 ? 0 : s.window;
  } else {
    group.audiences = std::max(1u, s.connections / s.room_size);
    group.members = s.room_size;
    group.publishers = s.talkers == 0 ? s.room_size : s.talkers;
    group.rate = s.rate > 0 ? s.rate : 1;
  }
  if (group.publishers > group.members && group.speech.publish_http.empty())
    throw std::invalid_argument{"more publishers than members"};
  p.groups.push_back(std::move(group));
}

void plan_mixed(const settings& s, const std::string& path, plan& p) {
  plan_messages(s, path, p);
  audience_group topic;
  topic.name = s.topic.empty() ? s.room + "-topic" : s.topic;
  topic.speech = make_dialect(s, path, path.empty());
  topic.members = s.subscribers;
  topic.rate = s.topic_rate;
  if (s.subscribers > 0)
    p.groups.push_back(std::move(topic));
  p.churners = s.churners;
  p.hold = s.hold;
  if (path.empty()) {
    p.client_ping = R"({"type":"ping"})";
    p.client_ping_every = s.ping_every;
    p.client_pong = R"({"type":"pong")";
  }
}

// Broadcasts to everybody come over HTTP, each when all have the one before.
void plan_broadcasts(const settings& s, plan& p) {
  auto& speech = p.groups.front().speech;
  if (s.publish_http.empty())
    speech.publish_http = "/api/v1/announce";
  if (s.publish.empty())
    speech.publish = announcement;
  p.broadcasts = s.broadcasts;
  p.window = 1;
}

void plan_silent(const settings& s, const std::string& path, plan& p) {
  audience_group group;
  group.name = s.room;
  group.speech = make_dialect(s, path.empty() ? "/ws" : path, false);
  group.members = s.connections;
  group.spanning = true;
  p.groups.push_back(std::move(group));
  p.what = s.mode == "idle" ? plan::kind::idle : plan::kind::churn;
  p.cycles = s.cycles;
  if (s.broadcasts > 0)
    plan_broadcasts(s, p);
}

void share_out(const settings& s, plan& p) {
  std::size_t sockets = p.churners;
  for (const auto& group : p.groups)
    sockets += std::size_t{group.audiences} * group.members;
  const auto room = raise_open_files() - 200;
  const auto needed = static_cast<std::uint32_t>((sockets + room - 1) / room);
  p.processes = s.processes == 0 ? needed : s.processes;
  if (p.processes < needed)
    throw std::invalid_argument{"the limit of open files asks for at least --processes " +
                                std::to_string(needed)};
  if (p.processes > 64 || p.processes > sockets)
    throw std::invalid_argument{"too many processes"};
}

} // namespace

std::size_t raise_open_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return std::max<std::size_t>(limit.rlim_cur, 1'000);
}

plan make_plan(const settings& s) {
  plan p;
  p.mode = s.mode;
  p.payload = s.payload;
  p.warmup = s.warmup;
  p.duration = s.duration;
  p.drain = s.drain;
  p.sources = s.sources;
  p.concurrency = s.concurrency;
  p.connect_rate = s.connect_rate;
  p.pids = s.pids;
  p.mark = make_run_mark(static_cast<std::uint32_t>(now_ns() >> 10) & 0x3ffff);
  const auto path = read_url(s.url, p);
  if (s.connections == 0 || s.room_size == 0 || s.publishers == 0 || s.publishers > 64 ||
      s.window == 0)
    throw std::invalid_argument{"counts must be at least 1, publishers at most 64"};
  if (s.mode == "idle" || s.mode == "connect")
    plan_silent(s, path, p);
  else if (s.mode == "mixed")
    plan_mixed(s, path, p);
  else
    plan_messages(s, path, p);
  share_out(s, p);
  return p;
}

} // namespace troupe::bench
