// One request, one answer: whatever a client asks with an `id`, exactly one frame comes back with
// that `id`, a result or an error, and an error names the room or topic it is about.
#include "heard.hpp"
#include "stage.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::test {
namespace {

using nlohmann::json;

// The words `twice`, `nothing`, `refuse` and `refuse twice` have their meaning, `answer` is for the
// one who says it, and anything else is said to all.
class obedient final : public room_logic {
public:
  void on_message(room_context& room, const member& from, std::string_view,
                  std::string_view content) override {
    const std::string word = json::parse(content);
    if (word == "nothing")
      return;
    if (word == "answer")
      return room.send(from.connection, "answer", {});
    if (word.starts_with("refuse"))
      room.refuse(from.connection, {errc::bad_request, "no"});
    if (word == "refuse twice")
      room.refuse(from.connection, {errc::bad_request, "no again"});
    if (word.starts_with("refuse"))
      return;
    room.broadcast("done", {});
    if (word == "twice")
      room.broadcast("done", {});
  }
};

stage::options with_obedient(std::uint64_t seed = 0) {
  stage::options how{.seed = seed, .loops = 2, .rooms_on_loops = true, .rooms = server_rooms()};
  how.rooms["obedient"] = [] { return std::make_unique<obedient>(); };
  return how;
}

client member(stage& server, const std::string& room) {
  auto who = server.connect({.room = room});
  server.run();
  who->read();
  return who;
}

std::vector<json> ask(stage& server, client& who, const std::string& frame) {
  who->say(frame);
  server.run();
  return heard(who);
}

TEST(one_answer, to_a_message_come_behind_its_broadcast_and_say_where_it_stands) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    stage server(with_obedient(seed));
    auto ann = member(server, "obedient/r");
    const auto frames = ask(server, ann, R"({"type":"message","message":"twice","id":"a"})");
    ASSERT_EQ(types(frames), (list{"done", "done", "sent"}));
    EXPECT_EQ(frames[2], (json{{"type", "sent"},
                               {"room", "obedient/r"},
                               {"epoch", frames[2].at("epoch")},
                               {"offset", 1},
                               {"id", "a"}}))
      << "of the first";
  }
}

TEST(one_answer, to_a_message_of_which_nothing_numbered_came_have_no_position) {
  stage server(with_obedient());
  auto ann = member(server, "obedient/r");
  for (const std::string word : {"nothing", "answer"}) {
    const auto frames = ask(server, ann, R"({"type":"message","id":1,"message":")" + word + "\"}");
    EXPECT_EQ(frames.back(), (json{{"type", "sent"}, {"room", "obedient/r"}, {"id", 1}}));
  }
}

TEST(one_answer, to_a_message_that_the_room_refuses_are_one_error) {
  stage server(with_obedient());
  auto ann = member(server, "obedient/r");
  const auto frames = ask(server, ann, R"({"type":"message","message":"refuse twice","id":1})");
  ASSERT_EQ(types(frames), (list{"error", "error"}));
  EXPECT_EQ(frames[0].at("id"), 1);
  EXPECT_EQ(frames[0].at("room"), "obedient/r");
  EXPECT_FALSE(frames[1].contains("id"));
}

TEST(one_answer, are_not_given_to_a_message_without_an_id) {
  stage server(with_obedient());
  auto ann = member(server, "obedient/r");
  EXPECT_EQ(types(ask(server, ann, R"({"type":"message","message":"x"})")), (list{"done"}));
  EXPECT_EQ(types(ask(server, ann, R"({"type":"message","message":"nothing"})")), list{});
}

TEST(one_answer, name_what_an_error_is_about) {
  stage server({.bounds = {.topics_per_connection_max = 2, .rooms_per_connection_max = 1}});
  auto ann = member(server, "r");
  const std::pair<std::string, json> cases[] = {
    {R"({"type":"leave","room":"s","id":1})", {{"room", "s"}, {"code", "not_in_room"}}},
    {R"({"type":"join","room":"s","id":1})", {{"room", "s"}, {"code", "limit_exceeded"}}},
    {R"({"type":"message","room":"s","message":1,"id":1})",
     {{"room", "s"}, {"code", "not_in_room"}}},
  };
  for (const auto& [frame, expected] : cases) {
    auto answer = ask(server, ann, frame).at(0);
    EXPECT_EQ(answer.at("id"), 1);
    for (const auto* other : {"type", "message", "id"})
      answer.erase(other);
    EXPECT_EQ(answer, expected) << frame;
  }
}

TEST(one_answer, say_what_to_do_without_a_room) {
  stage server;
  auto ann = server.connect();
  server.run();
  ann->read();
  EXPECT_EQ(ask(server, ann, R"({"type":"message","message":1})").at(0).at("message"),
            "Not in any room: 'join' one first, or connect to /chat/{room}");
  EXPECT_EQ(ask(server, ann, R"({"type":"message","topic":"t","message":1})").at(0).at("message"),
            "'message' goes to a room: use 'publish' for a topic");
}

TEST(one_answer, to_a_subscribe_say_in_one_frame_what_was_refused) {
  stage server({.bounds = {.topics_max = 1}});
  auto ann = server.connect();
  server.run();
  ann->read();
  const auto some = ask(server, ann, R"({"type":"subscribe","topics":["a","b","c"],"id":1})");
  ASSERT_EQ(types(some), (list{"subscribed"}));
  EXPECT_EQ(some[0].at("topics"), (list{"a"}));
  const auto& refused = some[0].at("refused");
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_EQ(refused[0].at("topic"), "b");
  EXPECT_EQ(refused[1].at("topic"), "c");
  for (const auto& each : refused) {
    EXPECT_EQ(each.at("code"), "limit_exceeded");
    EXPECT_FALSE(each.at("message").get<std::string>().empty());
  }
  const auto one = ask(server, ann, R"({"type":"subscribe","topic":"b","id":2})");
  ASSERT_EQ(types(one), (list{"error"}));
  EXPECT_EQ(one[0].at("topic"), "b");
  EXPECT_EQ(one[0].at("id"), 2);
  EXPECT_FALSE(one[0].contains("refused"));
  const auto none = ask(server, ann, R"({"type":"subscribe","topics":["b","c"],"id":3})");
  ASSERT_EQ(types(none), (list{"error"}));
  EXPECT_EQ(none[0].at("refused").size(), 2u);
  EXPECT_FALSE(none[0].contains("topic"));
}

TEST(one_answer, to_a_retry_are_those_of_the_first_time) {
  stage server(with_obedient());
  auto ann = member(server, "obedient/r");
  auto ben = member(server, "obedient/r");
  ann->read();
  const auto once = R"({"type":"message","message":"x","msg_id":"m","id":1})";
  EXPECT_EQ(types(ask(server, ann, once)), (list{"done", "sent"}));
  const auto again = ask(server, ann, once);
  ASSERT_EQ(types(again), (list{"sent"}));
  EXPECT_EQ(again[0].at("offset"), 1);
  EXPECT_EQ(types(heard(ben)), (list{"done"}));
  EXPECT_EQ(types(ask(server, ben, once)), (list{"done", "sent"})) << "another's id is its own";
  EXPECT_EQ(types(ask(server, ann, once)), (list{"done", "sent"})) << "ben's broadcast";
}

TEST(one_answer, to_a_retry_on_another_connection_needs_the_session) {
  stage server(with_obedient());
  auto ann = server.connect({.room = "obedient/r"});
  server.run();
  const std::string session = heard(ann).at(0).at("session");
  const auto once = R"({"type":"message","message":"x","msg_id":"m","id":1})";
  EXPECT_EQ(types(ask(server, ann, once)), (list{"done", "sent"}));
  ann->vanish();
  const auto again = [&](std::string_view brought) {
    auto back = server.connect(
      {.room = "obedient/r", .sender = server.settings.sender_of(brought).value_or(0)});
    server.run();
    const auto hello = heard(back).at(0);
    EXPECT_EQ(hello.at("session") == brought, brought == session) << "it keeps its session";
    return types(ask(server, back, once));
  };
  EXPECT_EQ(again(session), (list{"sent"}));
  EXPECT_EQ(again(session), (list{"sent"}));
  EXPECT_EQ(again("forged"), (list{"done", "sent"}));
  EXPECT_EQ(again(""), (list{"done", "sent"}));
}

TEST(one_answer, to_a_retry_of_what_was_refused_are_given_anew) {
  stage server(with_obedient());
  auto ann = member(server, "obedient/r");
  const auto refused = R"({"type":"message","message":"refuse","msg_id":"m","id":1})";
  EXPECT_EQ(types(ask(server, ann, refused)), (list{"error"}));
  EXPECT_EQ(types(ask(server, ann, refused)), (list{"error"}));
  const auto silent = R"({"type":"message","message":"nothing","msg_id":"n","id":1})";
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(ask(server, ann, silent),
              (std::vector<json>{{{"type", "sent"}, {"room", "obedient/r"}, {"id", 1}}}));
}

TEST(one_answer, after_a_path_the_first_frame_says_where_the_room_stands) {
  stage server;
  auto ann = member(server, "r");
  ask(server, ann, R"({"type":"message","message":"x"})");
  auto ben = server.connect({.room = "r"});
  auto eve = server.connect();
  server.run();
  const auto hello = heard(ben).at(0);
  EXPECT_EQ(hello.at("room"), "r");
  EXPECT_EQ(hello.at("offset"), 1);
  EXPECT_FALSE(hello.at("epoch").get<std::string>().empty());
  EXPECT_FALSE(heard(eve).at(0).contains("room"));
}

// -- in a room that ends -----------------------------------------------------------------------------

// What was said before its sender heard that it is out is answered, whoever ends the room.
void expect_an_answer_to_each(stage& server, client& who, std::size_t said) {
  server.run();
  std::vector<int> answers(said);
  for (const auto& each : heard(who))
    if (each.contains("id"))
      ++answers.at(each.at("id").get<std::size_t>());
  EXPECT_EQ(answers, std::vector<int>(said, 1));
}

// `who` says some things in `r`, a step of the server between them; `meanwhile` comes with each.
template <class F>
void expect_answers_while(stage& server, client& who, F meanwhile) {
  constexpr std::size_t count = 8;
  for (std::size_t i = 0; i < count; ++i) {
    who->say(R"({"type":"message","room":"r","message":1,"id":)" + std::to_string(i) + "}");
    meanwhile();
    server.step();
  }
  expect_an_answer_to_each(server, who, count);
}

TEST(one_answer, to_what_is_said_while_an_admin_closes_the_room) {
  for (std::uint64_t seed = 1; seed < 200 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    stage server({.seed = seed, .loops = 3, .rooms_on_loops = true});
    auto ann = member(server, "r"), ben = member(server, "r");
    ann->read();
    caf::anon_send(server.routes.directory, moderate{.what = moderation::close, .room = "r"});
    expect_answers_while(server, ann, [] {});
  }
}

// The last member is put out, and the room's place is needed at once.
TEST(one_answer, to_what_is_said_while_the_room_gives_way_to_another) {
  for (std::uint64_t seed = 1; seed < 200 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    stage server({.seed = seed, .loops = 3, .rooms_on_loops = true, .bounds = {.rooms_max = 1}});
    auto ann = member(server, "r");
    auto ben = server.connect();
    server.run();
    caf::anon_send(server.routes.directory,
                   moderate{.what = moderation::kick, .room = "r", .connection = ann->id()});
    expect_answers_while(server, ann, [&] { ben->say(R"({"type":"join","room":"s"})"); });
  }
}

TEST(one_answer, a_room_that_has_ended_waits_for_no_outlet_that_has_ended_too) {
  auto server = std::make_unique<stage>(stage::options{.loops = 2});
  auto ann = member(*server, "r");
  caf::anon_send(server->routes.directory, moderate{.what = moderation::close, .room = "r"});
  caf::anon_send_exit(server->routes.outlets[0], caf::exit_reason::user_shutdown);
  server->run();
  server->pass(std::chrono::seconds(6));
  ann.reset();
  server.reset(); // waits for all actors
}

// -- the default room --------------------------------------------------------------------------------

struct with_default_room : stage {
  explicit with_default_room(options how = {}) : stage(std::move(how)) {
    settings.default_room = "general";
  }
};

TEST(default_room, takes_what_is_said_without_a_room) {
  with_default_room server;
  auto ann = member(server, "");
  auto ben = member(server, "");
  EXPECT_EQ(types(heard(ann)), (list{"user_joined"}));
  EXPECT_EQ(types(ask(server, ann, R"({"type":"message","message":1})")), (list{"message"}));
  EXPECT_EQ(heard(ben).at(0).at("room"), "general");
}

TEST(default_room, gives_way_to_a_room_that_was_asked_for) {
  with_default_room server;
  auto ann = member(server, "");
  EXPECT_EQ(types(ask(server, ann, R"({"type":"join","room":"r"})")), (list{"joined"}));
  EXPECT_EQ(ask(server, ann, R"({"type":"message","message":1})").at(0).at("room"), "r");
  ask(server, ann, R"({"type":"leave","room":"r"})");
  EXPECT_EQ(ask(server, ann, R"({"type":"message","message":1})").at(0).at("room"), "general");
  ask(server, ann, R"({"type":"join","room":"r"})");
  ask(server, ann, R"({"type":"join","room":"s"})");
  EXPECT_EQ(ask(server, ann, R"({"type":"message","message":1})").at(0).at("code"), "bad_request");
}

TEST(default_room, is_not_for_who_comes_by_a_path) {
  with_default_room server;
  auto ann = member(server, "r");
  EXPECT_EQ(ask(server, ann, R"({"type":"message","message":1})").at(0).at("room"), "r");
  EXPECT_EQ(ask(server, ann, R"({"type":"leave","room":"general"})").at(0).at("code"),
            "not_in_room");
}

TEST(default_room, who_may_not_join_it_is_simply_not_in_it) {
  for (const bool full : {false, true}) {
    with_default_room server({.bounds = {.members_per_room_max = full ? 1u : 100u}});
    auto first = member(server, "");
    if (!full)
      server.change([](live_settings& next) {
        namespace_rule closed;
        closed.patterns = {"general"};
        next.access = access_rules({closed});
      });
    auto ann = server.connect();
    server.run();
    const auto hello = heard(ann);
    ASSERT_EQ(types(hello), (list{"connection"}));
    EXPECT_FALSE(hello[0].contains("room"));
    EXPECT_FALSE(ann->leaving());
    EXPECT_EQ(ask(server, ann, R"({"type":"message","message":1})").at(0).at("code"),
              "not_in_room");
    EXPECT_EQ(types(ask(server, ann, R"({"type":"ping"})")), (list{"pong"}));
  }
}

} // namespace
} // namespace troupe::test
