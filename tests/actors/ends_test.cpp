// How rooms end: by failing, or by themselves, and what becomes of whoever is on the way.
#include "heard.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using namespace std::chrono_literals;

// Does as it is told by the name of who comes, or by what a member says.
class told_room final : public room_logic {
public:
  result<> may_join(room_context&, const member& who) override {
    if (who.user == "nobody")
      return fail(errc::insufficient_permissions);
    if (who.user == "breaks may_join")
      throw std::runtime_error("may_join");
    return {};
  }
  void on_join(room_context&, const member& who) override {
    if (who.user == "breaks on_join")
      throw std::runtime_error("on_join");
  }
  void on_message(room_context& room, const member&, std::string_view,
                  std::string_view what) override {
    if (what == "\"close\"")
      room.close();
    else
      throw std::runtime_error("on_message");
  }
};

stage::options told(std::uint64_t seed) {
  return {.seed = seed,
          .loops = 2,
          .rooms_on_loops = seed % 2 == 1,
          .rooms = {{"chat", [] { return std::make_unique<told_room>(); }}}};
}

client member(stage& server, const std::string& user) {
  auto who = server.connect({.user = user});
  who->say(R"({"type":"join","room":"r","id":"j"})");
  return who;
}

// Without any time passing.
bool answered(client& who) {
  const auto frames = heard(who);
  return std::any_of(frames.begin(), frames.end(), [](const auto& frame) {
    return frame.contains("id") && frame.at("id") == "j";
  });
}

TEST(ends, whoever_is_on_the_way_into_a_room_that_fails_is_answered_at_once) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    stage server(told(seed));
    auto ann = member(server, "ann");
    server.run();
    ann->say(R"({"type":"message","room":"r","message":"fail"})");
    std::vector<client> late;
    for (int i = 0; i < 3; ++i)
      late.push_back(member(server, "late"));
    auto dialled = server.connect({.room = "r"});
    server.run();
    for (auto& who : late)
      EXPECT_TRUE(answered(who)) << "seed " << seed;
    EXPECT_FALSE(heard(dialled).empty()) << "seed " << seed;
  }
}

TEST(ends, so_is_whoever_makes_it_fail_by_coming) {
  for (const auto* culprit : {"breaks may_join", "breaks on_join"})
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      stage server(told(seed));
      std::vector<client> all{member(server, culprit), member(server, "bob"),
                              member(server, "eve")};
      server.run();
      for (auto& who : all)
        EXPECT_TRUE(answered(who)) << culprit << ", seed " << seed;
      EXPECT_EQ(server.reports.size(), 1u);
    }
}

TEST(ends, one_of_several_topics_or_rooms_that_fails_is_refused_once) {
  // As the protocol has it, there is one answer for each name that was asked for.
  for (std::uint64_t seed = 1; seed < 50; ++seed) {
    stage server(told(seed));
    auto culprit = member(server, "breaks may_join");
    auto bob = member(server, "bob");
    server.run();
    const auto frames = heard(bob);
    EXPECT_EQ(std::count_if(frames.begin(), frames.end(),
                            [](const auto& frame) { return frame.contains("id"); }),
              1)
      << "seed " << seed;
  }
}

TEST(ends, a_room_that_closed_itself_ends_although_the_last_to_come_was_refused) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    stage server(told(seed));
    auto ann = member(server, "ann");
    server.pass(61s); // the timer that the room began with is over
    ann->say(R"({"type":"message","room":"r","message":"close"})");
    auto late = member(server, "nobody");
    server.run();
    EXPECT_TRUE(answered(late)) << "seed " << seed;
    // It may be a new room by now, which nobody has closed.
    server.pass(61s);
    EXPECT_EQ(server.metrics.rooms, 0u) << "seed " << seed;
  }
}

} // namespace
} // namespace troupe::test
