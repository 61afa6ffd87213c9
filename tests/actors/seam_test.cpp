// Whatever happens, in whatever order: what a client sees of a room or topic has no hole and no
// double that it is not told of.
//
// A seed decides what happens: messages are said, by the bus, the server and a client, and said
// again by their `msg_id`; clients are cut, come back with the position they have seen, stop
// reading and go on; time passes, so that actors end and messages age; messages are deleted, or
// yield to others. Everything runs in parts, so that each meets all others. Each client checks each
// frame.
//
// Then each rule of the seam is switched off, and some seed must see that.
#include "heard.hpp"
#include "stage.hpp"
#include "troupe/messages.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <utility>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// What is said in one room or on one topic: 1, 2, 3 … in that order.
struct speech {
  audience_kind kind;
  std::string name;
  std::uint64_t said = 0;
  // What stands at each place, as the first to see it says.
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> places{};
};

// One client that follows one of them over all its connections.
class follower {
public:
  follower(speech& of, bool by_path) : of_(of), by_path_(by_path) {}

  void come(stage& server) {
    cut(false);
    answered_ = refused_ = false;
    asked_ = at_;
    if (by_path_) {
      who_ = server.connect({.room = of_.name, .since = at_});
      return;
    }
    who_ = server.connect();
    const bool room = of_.kind == audience_kind::room;
    json ask{{"type", room ? "join" : "subscribe"}, {room ? "room" : "topic", of_.name}};
    if (at_) {
      const json seen{{"epoch", at_->epoch}, {"offset", at_->offset}};
      ask["recover"] = room ? seen : json{{of_.name, seen}};
    }
    who_->say(ask.dump());
  }
  // It hears, or does not, what has reached it before the line broke.
  void cut(bool hears) {
    if (hears)
      listen();
    if (who_ && !who_->gone())
      who_->vanish();
    who_.reset();
  }
  bool here() const { return who_ && !who_->leaving() && !refused_; }
  staged_connection& connection() { return *who_; }
  const std::optional<position>& at() const { return at_; }
  // Asks for what it has although it listens.
  void ask_again() {
    if (!here() || !answered_ || at_->offset == 0)
      return;
    const json seen{{"epoch", at_->epoch}, {"offset", at_->offset - 1}};
    if (of_.kind == audience_kind::room)
      return who_->say(json{{"type", "join"}, {"room", of_.name}, {"recover", seen}}.dump());
    who_->say(
      json{{"type", "subscribe"}, {"topic", of_.name}, {"recover", {{of_.name, seen}}}}.dump());
  }

  void listen() {
    if (who_)
      for (const auto& frame : heard(who_))
        hear(frame);
  }

  // What it saw that must not be; empty: nothing.
  const std::string& wrong() const { return wrong_; }

private:
  void complain(const std::string& what, const json& frame) {
    if (!wrong_.empty())
      return;
    wrong_ = of_.name + ": " + what + ": " + frame.dump() + " after ";
    wrong_ += at_ ? at_->epoch + ":" + std::to_string(at_->offset) : "nothing";
  }

  void hear(const json& frame) {
    const std::string type = frame.at("type");
    if (type == "subscribed")
      answer(frame.at("positions").at(of_.name), frame);
    else if (type == "joined" || (type == "connection" && by_path_))
      frame.contains("epoch") ? answer(frame, frame) : void(refused_ = true);
    else if (type == "error")
      refused_ = true; // it took too long: the clock has jumped
    else if (type == "gap")
      gap(frame);
    else if (frame.contains("offset"))
      message(frame);
  }

  void answer(const json& told, const json& frame) {
    const position at{told.at("epoch"), told.at("offset")};
    if (std::exchange(answered_, true)) { // it was here already
      if (at.epoch != at_->epoch || at.offset != at_->offset)
        complain("told to be where it is not", frame);
      return;
    }
    if (!told.value("recovered", false)) {
      at_ = at;
      last_.reset();
      return;
    }
    if (!asked_ || asked_->epoch != at.epoch || asked_->offset != at.offset)
      complain("recovered what was not asked for", frame);
  }

  void message(const json& frame) {
    if (!answered_ || !at_)
      return complain("a message before the answer", frame);
    const std::uint64_t offset = frame.at("offset");
    if (offset != at_->offset + 1)
      complain(offset > at_->offset ? "a hole" : "a double", frame);
    at_->offset = offset;
    const std::uint64_t n =
      of_.kind == audience_kind::room ? frame.at("message") : frame.at("data");
    if (last_ && n != *last_ + 1)
      complain("something was lost or came twice before it was numbered", frame);
    last_ = n;
    if (of_.places.emplace(std::pair{at_->epoch, offset}, n).first->second != n)
      complain("somebody else saw another message there", frame);
  }

  void gap(const json& frame) {
    if (!answered_ || !at_)
      return complain("a gap before the answer", frame);
    const std::uint64_t offset = frame.at("offset");
    // Joins and leaves take no place, but count among what was dropped.
    if (offset < at_->offset || offset > at_->offset + frame.at("dropped").get<std::uint64_t>())
      complain("a gap that does not fit", frame);
    at_->offset = offset;
    last_.reset();
  }

  speech& of_;
  const bool by_path_;
  client who_;
  std::optional<position> at_;        // as it has seen it
  std::optional<position> asked_;     // and as it was when it came
  std::optional<std::uint64_t> last_; // what was said there, where it is known
  bool answered_ = false;
  bool refused_ = false;
  std::string wrong_;
};

class world {
public:
  world(std::uint64_t seed, const seam_rules& rules)
    : server_(options_of(seed, rules)),
      dice_(seed) {
    server_.change([&](live_settings& next) {
      next.topic_history = {draw(150) + 1, 256 * 1024, 4s};
      next.room_history = {draw(150) + 1, 256 * 1024, 4s};
      next.access = access_rules(
        {open_to_all(">", draw(2) == 0 ? slow_consumer::close : slow_consumer::drop_oldest)});
    });
    speaker_ = server_.connect({.who = ann()});
    server_.run();
    for (auto& each : speeches_)
      for (int i = 0; i < 3; ++i)
        followers_.emplace_back(each, each.kind == audience_kind::room && i == 1);
  }

  // What was wrong, or nothing.
  std::string live() {
    constexpr int steps = 120;
    for (int i = 0; i < steps; ++i) {
      happen();
      for (auto many = draw(30); many > 0 && server_.step(); --many) {
      }
      if (auto wrong = complaint(); !wrong.empty())
        return wrong + " in step " + std::to_string(i);
    }
    return settle();
  }

private:
  static stage::options options_of(std::uint64_t seed, const seam_rules& rules) {
    stage::options how{.seed = seed, .loops = 2, .rooms_on_loops = seed % 2 == 0, .seam = rules};
    how.bounds.room_idle_timeout = how.bounds.topic_idle_timeout = 300ms;
    how.bounds.outbox_bytes_max = seed % 3 == 0 ? 2048 : 1024 * 1024;
    how.bounds.history_bytes_max = seed % 4 == 0 ? 24 * 1024 : 256 * 1024 * 1024;
    how.bounds.names_made_per_minute = how.bounds.messages_per_minute = 0;
    return how;
  }
  static identity_ptr ann() {
    identity who;
    who.user_id = "ann";
    who.username = "ann";
    return std::make_shared<const identity>(std::move(who));
  }
  std::uint32_t draw(std::uint32_t below) {
    return static_cast<std::uint32_t>(
      std::uniform_int_distribution<std::uint32_t>(0, below - 1)(dice_));
  }
  follower& somebody() { return followers_[draw(static_cast<std::uint32_t>(followers_.size()))]; }

  void happen() {
    switch (draw(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      for (auto many = draw(draw(4) == 0 ? 60 : 8) + 1; many > 0; --many)
        say(speeches_[draw(3)]);
      return;
    case 4:
      return somebody().cut(draw(2) == 0);
    case 5:
    case 6:
      for (auto& each : followers_)
        if (!each.here() && draw(2) == 0) {
          each.come(server_);
          if (draw(3) == 0)
            each.connection().stall_after(draw(2'000));
        }
      return;
    case 7:
      if (auto& one = somebody(); one.here())
        one.connection().stall_after(draw(600));
      return;
    case 8:
      if (auto& one = somebody(); one.here())
        one.connection().resume();
      return;
    case 9:
      return server_.advance(std::chrono::milliseconds(draw(4) == 0 ? draw(5'000) : draw(400)));
    case 10:
      return somebody().ask_again();
    default:
      return draw(3) == 0 ? forget() : draw(2) == 0 ? away() : talked_to_at_its_end();
    }
  }

  // Everybody is gone for long enough that the actor ends, and something may be said meanwhile.
  void away() {
    for (auto& each : followers_)
      each.cut(true);
    server_.pass(std::chrono::milliseconds(draw(1'500)));
    say(speeches_[draw(3)]);
    if (draw(2) == 0)
      server_.run();
  }

  // Nobody listens, and just when the actor is to end somebody speaks.
  void talked_to_at_its_end() {
    auto& to = speeches_[draw(3)];
    for (auto& each : followers_)
      each.cut(true);
    server_.run();
    for (int i = 0; i < 12; ++i) {
      server_.advance(40ms);
      for (auto many = draw(3); many > 0; --many)
        say(to);
      for (auto many = draw(4); many > 0 && server_.step(); --many) {
      }
    }
  }

  void say(speech& in) {
    const bool again = repeats_ && in.said > 0 && draw(4) == 0;
    const auto n = again ? in.said : ++in.said;
    const auto id = "m" + std::to_string(n);
    const auto data = std::to_string(n);
    if (in.name == "bus")
      return again ? (void)0
                   : caf::anon_send(
                       server_.routes.directory,
                       bridged{.name = in.name, .type = "event", .members = ",\"data\":" + data});
    if (in.name == "room")
      return caf::anon_send(server_.routes.directory,
                            post{audience_kind::room, in.name, "x", {}, id, data});
    speaker_->say(
      json{{"type", "publish"}, {"topic", in.name}, {"data", n}, {"msg_id", id}}.dump());
  }

  void forget() {
    const auto& of = speeches_[draw(3)];
    caf::anon_send(server_.routes.archive_of(of.kind, of.name),
                   forget_history{of.kind, of.name, draw(2) == 0 ? "ann" : ""});
  }

  std::string complaint() {
    for (auto& each : followers_) {
      if (draw(2) == 0)
        each.listen();
      if (!each.wrong().empty())
        return each.wrong();
    }
    return {};
  }

  // In the end everybody is here and reads, and has come as far as the name has.
  std::string settle() {
    constexpr int rounds = 4; // who was too slow is closed, and comes back
    for (int i = 0; i < rounds; ++i) {
      for (auto& each : followers_)
        if (each.here())
          each.connection().resume();
        else
          each.come(server_);
      server_.run();
      for (auto& each : followers_)
        each.listen();
    }
    std::map<std::string, position> stand;
    for (auto& each : speeches_) {
      follower fresh(each, false);
      fresh.come(server_);
      server_.run();
      fresh.listen();
      stand[each.name] = fresh.at().value_or(position{});
      fresh.cut(false);
    }
    for (std::size_t i = 0; i < followers_.size(); ++i) {
      auto& each = followers_[i];
      each.listen();
      if (!each.wrong().empty())
        return each.wrong() + " in the end";
      const auto& name = speeches_[i / 3].name;
      if (!each.at() || each.at()->epoch != stand[name].epoch ||
          each.at()->offset != stand[name].offset)
        return name + ": not all has come in the end";
    }
    return {};
  }

  stage server_;
  std::mt19937_64 dice_;
  // Where there is too little memory for all, a `msg_id` may have to go.
  const bool repeats_ = server_.bounds().history_bytes_max > 1024 * 1024;
  std::vector<speech> speeches_{
    {audience_kind::topic, "bus"}, {audience_kind::topic, "client"}, {audience_kind::room, "room"}};
  std::vector<follower> followers_;
  client speaker_;
};

std::uint64_t seeds() {
  const char* const asked = std::getenv("TROUPE_SEEDS");
  return asked ? std::strtoull(asked, nullptr, 10) : 120;
}

TEST(seam, has_no_hole_and_no_double_under_any_seed) {
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed)
    ASSERT_EQ(world(seed, all_seam_rules).live(), "") << "seed " << seed;
}

struct rule {
  std::string name;
  bool seam_rules::*holds;
};

std::ostream& operator<<(std::ostream& out, const rule& which) {
  return out << which.name;
}

class seam_without : public ::testing::TestWithParam<rule> {};

// Prints the first seed that sees it, and what it sees.
TEST_P(seam_without, is_seen_by_a_seed) {
  seam_rules rules;
  rules.*GetParam().holds = false;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed)
    if (const auto wrong = world(seed, rules).live(); !wrong.empty()) {
      RecordProperty("seed", std::to_string(seed));
      std::printf("without %s, seed %d: %s\n", GetParam().name.c_str(), static_cast<int>(seed),
                  wrong.c_str());
      return;
    }
  FAIL() << "nobody needs " << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(rules, seam_without,
                         ::testing::Values(rule{"new_epoch", &seam_rules::new_epoch},
                                           rule{"same_epoch", &seam_rules::same_epoch},
                                           rule{"all_or_nothing", &seam_rules::all_or_nothing},
                                           rule{"once_each", &seam_rules::once_each},
                                           rule{"own_position", &seam_rules::own_position},
                                           rule{"one_queue", &seam_rules::one_queue},
                                           rule{"one_numbers", &seam_rules::one_numbers},
                                           rule{"kept_unheard", &seam_rules::kept_unheard},
                                           rule{"gap_for_deleted", &seam_rules::gap_for_deleted},
                                           rule{"gap_for_dropped", &seam_rules::gap_for_dropped},
                                           rule{"ids_outlive", &seam_rules::ids_outlive}),
                         [](const auto& each) { return each.param.name; });

} // namespace
} // namespace troupe::test
