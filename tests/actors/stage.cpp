#include "stage.hpp"

#include "described.hpp"
#include "server/rooms/rooms.hpp"
#include "troupe/audience/archive.hpp"
#include "troupe/audience/directory.hpp"
#include "troupe/users/users.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::test {

namespace {

using namespace std::chrono_literals;

caf::scheduler::test_coordinator& coordinator(caf::actor_system& system) {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

// Takes one frame off the front of `bytes`; returns it as a reader of a test sees it, or nothing
// where it is not all there.
std::optional<std::string> take_frame(std::string& bytes) {
  if (bytes.size() < 2)
    return std::nullopt;
  const auto op = static_cast<unsigned char>(bytes[0]) & 15;
  std::size_t size = static_cast<unsigned char>(bytes[1]) & 127, at = 2;
  if (size >= 126) {
    const std::size_t length_bytes = size == 126 ? 2 : 8;
    if (bytes.size() < 2 + length_bytes)
      return std::nullopt;
    size = 0;
    for (; at < 2 + length_bytes; ++at)
      size = size << 8 | static_cast<unsigned char>(bytes[at]);
  }
  if (bytes.size() < at + size)
    return std::nullopt;
  const std::string payload = bytes.substr(at, size);
  bytes.erase(0, at + size);
  switch (op) {
  case 1:
    return payload;
  case 8: {
    const auto code = payload.size() < 2 ? 0
                                         : static_cast<unsigned char>(payload[0]) * 256 +
                                             static_cast<unsigned char>(payload[1]);
    return "<close " + std::to_string(code) + ">";
  }
  case 9:
    return "<ping>";
  case 10:
    return "<pong>";
  default:
    return "<unknown>";
  }
}

} // namespace

// -- staged_loop -------------------------------------------------------------------------------------

staged_loop::staged_loop(caf::actor_system& system, timer_wheel::duration turns_take)
  : event_loop(system, coordinator(system).clock().now()),
    turns_take_(turns_take) {}

timer_wheel::time_point staged_loop::now() const {
  return coordinator(system()).clock().now();
}

bool staged_loop::turn() {
  bool busy = run_pinned() > 0;
  for (auto flushing = std::exchange(flushing_, {}); !flushing.empty(); flushing.pop_front()) {
    flushing.front()->flush();
    busy = true;
  }
  return busy;
}

// -- staged_connection -------------------------------------------------------------------------------

void staged_connection::say(std::string text) {
  unread_.push_back(std::move(text));
  heard();
  if (may_read())
    read_on();
}

void staged_connection::read_on() {
  while (!unread_.empty() && wants_frames()) {
    const std::string text = std::move(unread_.front());
    unread_.pop_front();
    receive_text(text);
  }
  reads_on_ = !unread_.empty();
}

void staged_connection::write() {
  most_waiting_ = std::max(most_waiting_, waiting_bytes());
  if (broken_)
    return end_soon();
  std::array<iovec, 8> parts;
  while (takes_ > 0 && !waiting().idle()) {
    std::size_t bytes = 0;
    for (std::size_t i = 0, n = waiting().gather(parts); i < n; ++i) {
      const auto taken = std::min(parts[i].iov_len, takes_ - bytes);
      bytes_.append(static_cast<const char*>(parts[i].iov_base), taken);
      bytes += taken;
    }
    waiting().consume(bytes);
    if (takes_ != SIZE_MAX)
      takes_ -= bytes;
  }
}

std::vector<std::string> staged_connection::read() {
  std::vector<std::string> out;
  while (auto frame = take_frame(bytes_)) {
    // All that is heard is looked at, but for a crowd's: that takes a while.
    if (frame->starts_with(R"({"type":)") && checks_left_ > 0) {
      --checks_left_;
      EXPECT_EQ(complaint_about(*frame), "") << "see docs/asyncapi.json";
    }
    out.push_back(std::move(*frame));
  }
  return out;
}

// -- stage -------------------------------------------------------------------------------------------

struct stage::config : caf::actor_system_config {
  config() { set("scheduler.policy", caf::atom("testing")); }
};

namespace_rule open_to_all(std::string pattern, slow_consumer slow) {
  namespace_rule out;
  out.patterns = {std::move(pattern)};
  for (auto& each : out.grants)
    each.general = grant::to::anyone;
  out.slow = slow;
  return out;
}

room_types server_rooms() {
  return all_room_types();
}

stage::stage() : stage(options{}) {}

stage::stage(options how)
  : config_(std::make_unique<config>()),
    system_(std::make_unique<caf::actor_system>(*config_)),
    scheduler_(&coordinator(*system_)),
    rng_(how.seed),
    shuffled_(how.seed != 0) {
  const auto start = scheduler_->clock().now();
  settings.epoch = "test";
  settings.seed = how.seed;
  board.replace({.bounds = how.bounds});
  settings.heartbeat = how.heartbeat;
  settings.seam = how.seam;
  settings.rooms = how.rooms.empty() ? server_rooms() : std::move(how.rooms);
  observers.report = observers.warn = [this](std::string_view what) { reports.emplace_back(what); };
  observers.now = [this, start] {
    const auto passed = scheduler_->clock().now() - start;
    const wall_time begin{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
    return begin + std::chrono::duration_cast<std::chrono::milliseconds>(passed);
  };
  for (std::uint32_t i = 0; i < how.loops; ++i) {
    loops_.push_back(std::make_unique<staged_loop>(*system_, how.turns_take));
    auto handle = spawn_placed<outlet>(*system_, loops_.back().get(), context, i);
    outlets_.push_back(static_cast<outlet*>(caf::actor_cast<caf::abstract_actor*>(handle)));
    routes.outlets.push_back(std::move(handle));
    records_.push_back(std::make_unique<record_table>(*loops_.back(), metrics.history_bytes,
                                                      how.loops, settings.seam));
    routes.records.push_back(records_.back().get());
    patterns_.push_back(std::make_unique<pattern_routes>());
    routes.patterns.push_back(patterns_.back().get());
    routes.archives.push_back(
      spawn_placed<archive>(*system_, loops_.back().get(), context, *records_.back()));
  }
  routes.home_of = [this](audience_kind kind, std::string_view name) {
    return static_cast<std::uint32_t>(settings.hash_of(kind, name) % loops_.size());
  };
  if (how.rooms_on_loops)
    routes.loop_of = [this](audience_kind kind, std::string_view name) {
      return loops_[routes.home_of(kind, name)].get();
    };
  observers.refused = [this](std::string_view what, std::string_view who, std::string_view whom) {
    audits.push_back(std::string(what) + "|" + std::string(who) + "|" + std::string(whom));
  };
  observers.audit = [this](const audited& told) {
    observers.refused(told.what, told.who, told.whom);
    auto& line = audits.back();
    if (told.seconds)
      line += " seconds=" + std::to_string(*told.seconds);
    if (!told.reason.empty())
      line += " reason=" + std::string(told.reason);
    if (told.connections)
      line += " connections=" + std::to_string(*told.connections);
    if (told.failed)
      line += " failed=" + std::string(to_string(*told.failed));
  };
  routes.directory = spawn_placed<directory>(*system_, nullptr, context);
  routes.users = spawn_placed<users>(*system_, nullptr, context);
  run();
}

stage::~stage() {
  for (const auto& each : routes.outlets)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  for (const auto& each : routes.archives)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(routes.directory, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(routes.users, caf::exit_reason::user_shutdown);
  run();
  routes.outlets.clear();
  routes.archives.clear();
  routes.directory = nullptr;
  routes.users = nullptr;
}

client stage::connect(connection::opening asked) {
  const auto i = next_loop_++ % loops_.size();
  auto who =
    spawn_light<staged_connection>(*system_, *loops_[i], context, *outlets_[i], std::move(asked));
  who->start();
  return who;
}

bool stage::step() {
  std::vector<std::size_t> order(loops_.size() + 1);
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  if (shuffled_)
    std::shuffle(order.begin(), order.end(), rng_);
  for (const auto i : order) {
    if (i < loops_.size()) {
      if (loops_[i]->turn())
        return true;
      continue;
    }
    if (shuffled_)
      std::shuffle(scheduler_->jobs.begin(), scheduler_->jobs.end(), rng_);
    if (scheduler_->try_run_once())
      return true;
  }
  return false;
}

void stage::run() {
  while (step()) {
  }
}

void stage::advance(std::chrono::milliseconds time) {
  scheduler_->advance_time(time);
  for (auto& each : loops_)
    each->advance();
}

void stage::pass(std::chrono::milliseconds time) {
  run();
  constexpr auto grain = 20ms;
  for (auto left = time; left > 0ms; left -= grain) {
    advance(std::min<std::chrono::milliseconds>(grain, left));
    run();
  }
}

} // namespace troupe::test
