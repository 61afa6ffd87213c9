// What a room's logic knows of its members: a room type that lets in by role and permission.
#include "heard.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace troupe::test {
namespace {

using nlohmann::json;

// Staff may join, and whoever has a permission that names the room. Everybody is told by whom
// something is said.
class club_room final : public room_logic {
public:
  result<> may_join(room_context& room, const member& who) override {
    const std::string named = "enter:" + std::string(room.name());
    if (who.who && (who.who->has_role("staff") ||
                    std::ranges::find(who.who->permissions, named) != who.who->permissions.end()))
      return {};
    return fail(errc::insufficient_permissions, who.who ? "Staff only" : "No token");
  }

  void on_join(room_context& room, const member& who) override { show(room, "came", who); }
  void on_leave(room_context& room, const member& who) override { show(room, "went", who); }
  void on_message(room_context& room, const member& from, std::string_view,
                  std::string_view) override {
    show(room, "said", from);
  }

private:
  static void show(room_context& room, std::string_view what, const member& who) {
    const member* inside = room.members().find(who.connection);
    json_fields fields;
    fields.text("user", who.user).text("id", who.who->user_id);
    fields.text("role", who.who->roles.empty() ? "" : who.who->roles.front());
    fields.flag("inside", inside && inside->who == who.who);
    room.broadcast(what, fields);
  }
};

identity_ptr token(std::string id, std::string role, std::string permission = {}) {
  return std::make_shared<const identity>(
    identity{id, "Name of " + id, {std::move(role)}, {std::move(permission)}, {}, {}});
}

struct club : stage {
  explicit club(std::uint64_t seed)
    : stage({.seed = seed, .loops = 2, .rooms = {{"chat", [] {
                                                    return std::make_unique<club_room>();
                                                  }}}}) {
    settings.verify = [](std::string_view text) -> token_verdict {
      return token("ann", std::string(text));
    };
  }

  client enter(identity_ptr who) {
    auto entering = connect({.room = "r", .who = std::move(who)});
    run();
    return entering;
  }
};

std::string of(const json& frame) {
  return frame.at("type").get<std::string>() + " " + frame.value("user", "") + "/" +
         frame.value("id", "") + "/" + frame.value("role", "") +
         (frame.value("inside", false) ? " inside" : "");
}

TEST(members, are_let_in_by_what_their_token_says) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    club server(seed);
    auto staff = server.enter(token("ann", "staff"));
    EXPECT_FALSE(staff->leaving());
    auto invited = server.enter(token("bob", "guest", "enter:r"));
    EXPECT_FALSE(invited->leaving());
    for (const auto& who : {token("eve", "guest", "enter:q"), identity_ptr{}}) {
      auto refused = server.enter(who);
      const auto frames = heard(refused);
      EXPECT_TRUE(refused->leaving());
      EXPECT_TRUE(std::ranges::any_of(frames,
                                      [&](const json& frame) {
                                        return frame.value("message", "") ==
                                               (who ? "Staff only" : "No token");
                                      }))
        << "seed " << seed;
    }
  }
}

TEST(members, are_known_by_their_token_when_they_come_speak_and_go) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    club server(seed);
    auto ann = server.enter(token("ann", "staff"));
    auto bob = server.enter(token("bob", "guest", "enter:r"));
    heard(ann);
    bob->say(R"({"type":"message","message":1})");
    server.run();
    bob->close();
    server.run();
    const auto frames = heard(ann);
    ASSERT_EQ(frames.size(), 2u) << "seed " << seed;
    EXPECT_EQ(of(frames[0]), "said Name of bob/bob/guest inside");
    EXPECT_EQ(of(frames[1]), "went Name of bob/bob/guest");
  }
}

// A token that is renewed counts from the next message on.
TEST(members, with_another_token_are_known_by_that) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    club server(seed);
    auto ann = server.enter(token("ann", "staff"));
    heard(ann);
    ann->say(R"({"type":"message","message":1})");
    ann->say(R"({"type":"refresh","token":"chief"})");
    ann->say(R"({"type":"message","message":1})");
    server.run();
    list said;
    for (const auto& frame : heard(ann))
      if (frame.at("type") == "said")
        said.push_back(of(frame));
    EXPECT_EQ(said,
              (list{"said Name of ann/ann/staff inside", "said Name of ann/ann/chief inside"}))
      << "seed " << seed;
  }
}

} // namespace
} // namespace troupe::test
