// What operators are told: how many heard a message, and who is where.
#include "staffed_server.hpp"

#include <caf/send.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

posted say_as_server(staffed_server& server, post what) {
  posted out;
  caf::scoped_actor self{server.system()};
  auto asked = self->request(server.routes.directory, 5s, std::move(what));
  server.run();
  asked.receive([&](posted& answer) { out = std::move(answer); },
                [](const caf::error&) { ADD_FAILURE() << "not answered"; });
  return out;
}

json join(const std::string& room) {
  return {{"type", "join"}, {"room", room}};
}

json subscribe(const std::vector<std::string>& topics) {
  return {{"type", "subscribe"}, {"topics", topics}};
}

TEST(operators, are_told_how_many_listened_when_a_message_got_its_place) {
  staffed_server server({.loops = 2});
  auto ann = server.enter(nullptr, "r"), ben = server.enter(nullptr, "r");
  server.say(ann, subscribe({"t"}));
  for (const auto kind : {audience_kind::topic, audience_kind::room}) {
    const std::string name = kind == audience_kind::topic ? "t" : "r";
    const std::uint64_t listening = kind == audience_kind::topic ? 1 : 2;
    const post first{.kind = kind, .name = name, .msg_id = "m", .content = "1"};
    EXPECT_EQ(say_as_server(server, first).listeners, listening);
    server.say(ben, kind == audience_kind::topic ? subscribe({"t"})
                                                 : json{{"type", "leave"}, {"room", "r"}});
    EXPECT_EQ(say_as_server(server, first).listeners, listening) << "the same, said again";
    EXPECT_EQ(say_as_server(server, {.kind = kind, .name = name, .content = "2"}).listeners,
              3 - listening);
    EXPECT_EQ(say_as_server(server, {.kind = kind, .name = "empty", .content = "1"}).listeners, 0u);
  }
}

} // namespace
} // namespace troupe::test
