// Who asks an actor has an answer, also when whoever owes it ends or fails.
#include "stage.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/owed_answer.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <optional>

namespace troupe::test {
namespace {

using namespace std::chrono_literals;

// What is answered to `what` when `meanwhile` happens after `steps` of the server; or nothing.
template <class Answer, class Actor, class Message, class Meanwhile>
std::optional<result<Answer>> outcome(stage& server, const Actor& whom, Message what, int steps,
                                      Meanwhile meanwhile) {
  caf::scoped_actor self{server.system()};
  auto asked = self->request(whom, 5s, std::move(what));
  for (int i = 0; i < steps; ++i)
    server.step();
  meanwhile();
  server.run();
  std::optional<result<Answer>> out;
  if (self->has_next_message())
    asked.receive([&](Answer& answer) { out.emplace(std::move(answer)); },
                  [&](const caf::error& why) { out.emplace(fail(no_answer(why))); });
  return out;
}

administer rooms_wanted() {
  return {admin::list_rooms{}, "api key 1"};
}

TEST(answers, the_users_end_at_any_moment_and_leave_nobody_waiting) {
  int given = 0, not_given = 0;
  for (std::uint32_t loops : {1u, 3u})
    for (int steps = 0; steps < 12; ++steps) {
      stage server({.loops = loops});
      const auto got =
        outcome<administered>(server, server.routes.users, rooms_wanted(), steps, [&] {
          caf::anon_send_exit(server.routes.users, caf::exit_reason::user_shutdown);
        });
      ASSERT_TRUE(got) << loops << " loops, after " << steps << " steps";
      EXPECT_TRUE(*got || got->error().code == errc::unavailable);
      ++(*got ? given : not_given);
    }
  EXPECT_GT(given, 0);
  EXPECT_GT(not_given, 2) << "they never ended with a question under way";
}

TEST(answers, whom_the_users_ask_ends_and_leaves_nobody_waiting) {
  for (int steps = 0; steps < 12; ++steps) {
    stage server({.loops = 2});
    const auto got = outcome<administered>(server, server.routes.users, rooms_wanted(), steps, [&] {
      for (const auto& each : server.routes.outlets)
        caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
      caf::anon_send_exit(server.routes.directory, caf::exit_reason::user_shutdown);
    });
    ASSERT_TRUE(got) << "after " << steps << " steps";
    ASSERT_TRUE(*got);
    EXPECT_TRUE((*got)->result || (*got)->result.error().code == errc::unavailable);
  }
}

// Breaks when the API says something.
class fragile_room final : public room_logic {
  void on_message(room_context&, const member&, std::string_view, std::string_view) override {}
  void on_post(room_context&, std::string_view, std::string_view) override {
    throw std::runtime_error("broken");
  }
};

TEST(answers, a_room_that_fails_has_told_so_at_once) {
  stage server({.rooms = {{"chat", [] { return std::make_unique<fragile_room>(); }}}});
  const auto got = outcome<posted>(
    server, server.routes.directory,
    post{.kind = audience_kind::room, .name = "r", .user = "server", .content = "1"}, 0, [] {});
  ASSERT_TRUE(got);
  ASSERT_FALSE(*got);
  EXPECT_EQ(got->error().code, errc::internal);
}

TEST(answers, a_promise_that_nobody_keeps_is_told_with_its_last_copy) {
  stage server;
  const auto promises = [](caf::event_based_actor* self,
                           std::uint32_t silent_max) -> caf::behavior {
    return {[self, silent_max](std::uint32_t copies) -> caf::result<std::uint32_t> {
      auto promise = self->make_response_promise<std::uint32_t>();
      std::vector<owed_answer<std::uint32_t>> owed(copies, owed_answer<std::uint32_t>(promise));
      if (copies > silent_max)
        owed.back().give(copies);
      return promise;
    }};
  };
  const auto whom = server.system().spawn(promises, std::uint32_t{2});
  const auto kept = outcome<std::uint32_t>(server, whom, std::uint32_t{3}, 0, [] {});
  const auto broken = outcome<std::uint32_t>(server, whom, std::uint32_t{2}, 0, [] {});
  caf::anon_send_exit(whom, caf::exit_reason::user_shutdown);
  server.run();
  ASSERT_TRUE(kept && *kept && broken && !*broken);
  EXPECT_EQ(**kept, 3u);
  EXPECT_EQ(broken->error().code, errc::unavailable);
}

} // namespace
} // namespace troupe::test
