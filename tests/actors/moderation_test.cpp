// What admins may do in one room: put a member out, silence it for a time, close the room. What
// holds for a time survives whatever the member and the room do meanwhile.
#include "staffed_server.hpp"

#include <caf/send.hpp>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

admin::member_ref user(const std::string& id) {
  return {id, {}};
}

admin::member_ref connection_ref(const std::string& id) {
  return {{}, id};
}

json join(const std::string& room) {
  return {{"type", "join"}, {"room", room}, {"id", 1}};
}

json message(const std::string& room, const std::string& text = "hi") {
  return {{"type", "message"}, {"room", room}, {"message", text}, {"id", 2}};
}

std::size_t connections(const json& result) {
  return result.at("connections");
}

// The last thing that a client was told.
json answer(staffed_server& server, client& who, const json& frame) {
  heard(who);
  server.say(who, frame);
  const auto all = heard(who);
  return all.empty() ? json(nullptr) : all.back();
}

bool muted(const json& error, std::chrono::milliseconds left) {
  return error.at("type") == "error" && error.at("code") == "insufficient_permissions" &&
         error.at("message") == "You are muted in this room" && error.at("room") == "r" &&
         error.at("id") == 2 && error.at("retry_after_ms") == left.count();
}

std::string public_id_of(staffed_server& server, client& who) {
  return server.settings.public_id(who->id());
}

TEST(moderation, a_kick_from_one_room_leaves_the_others) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    staffed_server server({.seed = seed, .loops = 2, .rooms_on_loops = true});
    auto ann = server.enter(person("ann"), "r"), tab = server.enter(person("ann"), "r");
    auto ben = server.enter(person("ben"), "r");
    server.say(ann, join("s"));
    heard(ann), heard(tab), heard(ben);
    EXPECT_EQ(connections(server.result(admin::kick_from_room{"r", user("ann"), "Spam", {}})), 2u);
    for (auto* each : {&ann, &tab})
      EXPECT_EQ(heard(*each).front(), (json{{"type", "left"}, {"room", "r"}, {"reason", "Spam"}}));
    EXPECT_EQ(types(heard(ben)), (list{"user_left", "user_left"}));
    EXPECT_EQ(answer(server, ann, message("r")).at("code"), "not_in_room");
    EXPECT_EQ(answer(server, ann, message("s")).at("type"), "sent");
    EXPECT_EQ(answer(server, ann, join("r")).at("type"), "joined") << "it may come back";
  }
}

TEST(moderation, a_connection_without_a_token_is_named_by_its_id) {
  staffed_server server;
  auto guest = server.enter(nullptr, "r"), other = server.enter(nullptr, "r");
  heard(guest), heard(other);
  const auto id = public_id_of(server, guest);
  EXPECT_EQ(connections(server.result(admin::kick_from_room{"r", connection_ref(id), "", {}})), 1u);
  EXPECT_EQ(heard(guest), (std::vector<json>{{{"type", "left"}, {"room", "r"}}}));
  EXPECT_EQ(types(heard(other)), list{"user_left"});
  for (const auto* nobodys : {"aaaaaaaaaaaaa", "no id"}) {
    const auto none = server.call(admin::kick_from_room{"r", connection_ref(nobodys), "", {}});
    ASSERT_FALSE(none.result) << nobodys;
    EXPECT_EQ(none.result.error().code, errc::not_found) << nobodys;
  }
}

TEST(moderation, whoever_is_kept_out_of_a_room_may_be_elsewhere) {
  staffed_server server;
  auto ann = server.enter(person("ann"), "r");
  server.result(admin::kick_from_room{"r", user("ann"), "", 60s});
  auto refused = answer(server, ann, join("r"));
  EXPECT_EQ(refused.at("code"), "insufficient_permissions");
  EXPECT_EQ(refused.at("retry_after_ms"), 60'000);
  EXPECT_EQ(refused.at("room"), "r");
  EXPECT_EQ(answer(server, ann, join("s")).at("type"), "joined");
  server.pass(60s);
  EXPECT_EQ(answer(server, ann, join("r")).at("type"), "joined");
}

TEST(moderation, a_mute_takes_no_message_in_one_room_until_it_ends) {
  staffed_server server({.loops = 2});
  auto ann = server.enter(person("ann"), "r"), tab = server.enter(person("ann"), "r");
  auto ben = server.enter(person("ben"), "r");
  server.say(ann, join("s"));
  EXPECT_EQ(connections(server.result(admin::mute{"r", user("ann"), 60s})), 2u);
  heard(ben);
  EXPECT_TRUE(muted(answer(server, ann, message("r")), 60s));
  EXPECT_TRUE(muted(answer(server, tab, message("r")), 60s));
  EXPECT_EQ(heard(ben), std::vector<json>{}) << "nothing was said";
  EXPECT_EQ(answer(server, ann, message("s")).at("type"), "sent");
  EXPECT_EQ(answer(server, ben, message("r")).at("type"), "sent");
  server.pass(59s);
  EXPECT_TRUE(muted(answer(server, ann, message("r")), 1s));
  server.pass(1s);
  EXPECT_EQ(answer(server, ann, message("r")).at("type"), "sent");
}

TEST(moderation, a_mute_survives_leaving_and_rejoining) {
  staffed_server server;
  server.result(admin::mute{"r", user("ann"), 600s}); // before she or the room is there
  auto ann = server.enter(person("ann"), "r");
  EXPECT_TRUE(muted(answer(server, ann, message("r")), 600s));
  server.say(ann, {{"type", "leave"}, {"room", "r"}});
  server.say(ann, join("r"));
  EXPECT_TRUE(muted(answer(server, ann, message("r")), 600s));
  ann->vanish();
  server.pass(5s);
  auto again = server.enter(person("ann"), "r");
  EXPECT_TRUE(muted(answer(server, again, message("r")), 595s));
}

TEST(moderation, a_mute_survives_the_room) {
  staffed_server server;
  auto ann = server.enter(person("ann"), "r");
  server.result(admin::mute{"r", user("ann"), 600s});
  server.say(ann, {{"type", "leave"}, {"room", "r"}});
  server.pass(server.bounds().room_idle_timeout + 1s);
  EXPECT_EQ(server.result(admin::stats{}).at("rooms"), 0);
  server.say(ann, join("r"));
  EXPECT_TRUE(muted(answer(server, ann, message("r")), 539s));
  server.result(admin::close_room{"r", ""});
  server.say(ann, join("r"));
  EXPECT_TRUE(muted(answer(server, ann, message("r")), 539s));
}

TEST(moderation, a_connection_stays_muted_when_it_gets_a_token) {
  staffed_server server;
  server.settings.verify = [](std::string_view token) -> token_verdict {
    return person(std::string(token));
  };
  auto guest = server.enter(nullptr, "r");
  server.result(admin::mute{"r", connection_ref(public_id_of(server, guest)), 60s});
  EXPECT_TRUE(muted(answer(server, guest, message("r")), 60s));
  server.say(guest, {{"type", "refresh"}, {"token", "ann"}});
  EXPECT_TRUE(muted(answer(server, guest, message("r")), 60s));
  auto ben = server.enter(nullptr, "r");
  server.result(admin::mute{"r", user("ben"), 60s});
  EXPECT_EQ(answer(server, ben, message("r")).at("type"), "sent");
  server.say(ben, {{"type", "refresh"}, {"token", "ben"}});
  EXPECT_TRUE(muted(answer(server, ben, message("r")), 60s));
}

// -- a room knows who its members are now ------------------------------------------------------------

struct with_tokens : staffed_server {
  explicit with_tokens(options how = {}) : staffed_server(std::move(how)) {
    settings.verify = [](std::string_view token) -> token_verdict {
      return person(std::string(token));
    };
  }

  // The frames that come of it; the client is that user's from then on.
  std::vector<json> become(client& who, const std::string& user) {
    heard(who);
    say(who, {{"type", "refresh"}, {"token", user}});
    return heard(who);
  }
};

TEST(refreshed, a_member_is_found_by_its_user) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    with_tokens server({.seed = seed, .loops = 2, .rooms_on_loops = true});
    auto ann = server.enter(nullptr, "r"), ben = server.enter(nullptr, "r");
    heard(ann);
    server.become(ann, "ann");
    EXPECT_EQ(types(heard(ben)), (list{"user_left", "user_joined"})) << "it is called otherwise";
    const auto here = server.result(admin::show_presence{{audience_kind::room, "r"}}).at("users");
    ASSERT_EQ(here.size(), 2u);
    EXPECT_EQ(here[0].at("user"), "Anonymous");
    EXPECT_EQ(here[1].at("user_id"), "ann");
    EXPECT_EQ(connections(server.result(admin::mute{"r", user("ann"), 60s})), 1u);
    EXPECT_TRUE(muted(answer(server, ann, message("r")), 60s));
    EXPECT_EQ(connections(server.result(admin::kick_from_room{"r", user("ann"), "", 60s})), 1u);
    EXPECT_EQ(heard(ann), (std::vector<json>{{{"type", "left"}, {"room", "r"}}}));
    const auto left = heard(ben);
    ASSERT_EQ(types(left), list{"user_left"});
    EXPECT_EQ(left[0].at("user_id"), "ann");
    EXPECT_EQ(left[0].at("user"), "name of ann");
  }
}

TEST(refreshed, who_is_kept_out_of_a_room_does_not_stay_in_it) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    with_tokens server({.seed = seed, .loops = 2, .rooms_on_loops = true});
    server.result(admin::kick_from_room{"r", user("ann"), "", 60s}); // before it is there
    auto ann = server.enter(nullptr, "r"), ben = server.enter(nullptr, "r");
    server.say(ann, join("s"));
    auto told = server.become(ann, "ann");
    std::erase_if(told, [](const json& each) { return each.at("type") == "authenticated"; });
    ASSERT_EQ(types(told), (list{"left", "error"}));
    EXPECT_EQ(told[1].at("code"), "insufficient_permissions");
    EXPECT_EQ(told[1].at("retry_after_ms"), 60'000);
    EXPECT_EQ(told[1].at("room"), "r");
    const auto left = heard(ben);
    ASSERT_EQ(types(left), list{"user_left"});
    EXPECT_EQ(left[0].at("user"), "Anonymous") << "as it came";
    EXPECT_EQ(answer(server, ann, message("r")).at("code"), "not_in_room");
    EXPECT_EQ(answer(server, ann, message("s")).at("type"), "sent");
    EXPECT_EQ(answer(server, ann, join("r")).at("code"), "insufficient_permissions");
  }
}

TEST(refreshed, a_kick_at_the_same_time_finds_it_one_way_or_the_other) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    with_tokens server({.seed = seed, .loops = 3, .rooms_on_loops = true});
    auto ann = server.enter(nullptr, "r");
    heard(ann);
    ann->say(json{{"type", "refresh"}, {"token", "ann"}}.dump());
    server.result(admin::kick_from_room{"r", user("ann"), "", 60s});
    EXPECT_EQ(answer(server, ann, message("r")).at("code"), "not_in_room") << "seed " << seed;
  }
}

TEST(refreshed, whoever_goes_is_named_by_the_token_it_had) {
  with_tokens server;
  auto ann = server.enter(person("ann"), "r"), ben = server.enter(nullptr, "r");
  server.become(ann, "ann");
  EXPECT_EQ(types(heard(ben)), list{}) << "the same user, and the same name";
  auto cid = server.enter(nullptr, "r");
  server.become(cid, "cid");
  heard(ben);
  cid->vanish();
  server.run();
  const auto left = heard(ben);
  ASSERT_EQ(types(left), list{"user_left"});
  EXPECT_EQ(left[0].value("user_id", ""), "cid");
}

// -- speaking by other means -------------------------------------------------------------------------

TEST(renaming, is_speaking) {
  staffed_server server;
  namespace_rule slow, silent;
  slow.patterns = {"slow"};
  slow.messages_per_minute = 10; // one at once
  silent.patterns = {"silent"};
  const grant anyone{grant::to::anyone, {}, false};
  slow.grants[int(action::join)] = slow.grants[int(action::publish)] = anyone;
  silent.grants[int(action::join)] = anyone;
  server.change([&](live_settings& next) { next.access = access_rules({slow, silent}); });
  const auto as = [&](client& who, const std::string& room, const std::string& name) {
    auto frame = join(room);
    frame["user"] = name;
    return answer(server, who, frame);
  };
  for (const std::string room : {"slow", "silent"}) {
    auto eve = server.enter(nullptr, room), ann = server.enter(nullptr, room);
    EXPECT_EQ(as(eve, room, "Anonymous").at("type"), "joined") << "no other name";
    const auto first = as(eve, room, "Buy now");
    heard(ann);
    const auto second = as(eve, room, "Buy here");
    if (room == "slow") {
      EXPECT_EQ(first.at("type"), "joined");
      EXPECT_EQ(second.at("code"), "rate_limited");
      EXPECT_EQ(second.at("retry_after_ms"), 6'000);
    } else {
      EXPECT_EQ(second.at("code"), "insufficient_permissions");
    }
    EXPECT_EQ(second.at("room"), room);
    EXPECT_EQ(heard(ann), std::vector<json>{});
    EXPECT_EQ(connections(server.result(
                admin::kick_from_room{room, connection_ref(public_id_of(server, eve)), "", {}})),
              1u)
      << "it is still in";
  }
}

TEST(renaming, is_refused_to_who_is_muted_and_so_is_coming_back_by_another_name) {
  staffed_server server;
  auto eve = server.enter(nullptr, "r"), ann = server.enter(nullptr, "r");
  server.result(admin::mute{"r", connection_ref(public_id_of(server, eve)), 60s});
  heard(ann);
  auto frame = join("r");
  frame["user"] = "Buy now";
  auto refused = answer(server, eve, frame);
  EXPECT_EQ(refused.at("message"), "You are muted in this room");
  EXPECT_EQ(refused.at("retry_after_ms"), 60'000);
  EXPECT_EQ(heard(ann), std::vector<json>{});
  server.say(eve, {{"type", "leave"}, {"room", "r"}});
  EXPECT_EQ(answer(server, eve, frame).at("type"), "joined");
  const auto told = heard(ann);
  ASSERT_EQ(types(told), (list{"user_left", "user_joined"}));
  EXPECT_EQ(told[1].at("user"), "Anonymous");
  server.pass(60s);
  EXPECT_EQ(answer(server, eve, frame).at("type"), "joined");
  EXPECT_EQ(heard(ann).back().at("user"), "Buy now");
}

// -- what is remembered of a connection ends with it -------------------------------------------------

TEST(moderation, a_connection_that_has_gone_takes_no_place_among_what_is_remembered) {
  limits few;
  few.denials_max = 2;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    staffed_server server({.seed = seed, .loops = 2, .rooms_on_loops = true, .bounds = few});
    auto ann = server.enter(nullptr, "r");
    for (int i = 0; i < 3; ++i) {
      auto guest = server.enter(nullptr, "r");
      const auto it = connection_ref(public_id_of(server, guest));
      EXPECT_EQ(connections(server.result(admin::mute{"r", it, 600s})), 1u) << i;
      EXPECT_EQ(connections(server.result(admin::kick_from_room{"r", it, "", 600s})), 1u) << i;
      guest->vanish();
      server.run();
      const auto gone = server.call(admin::mute{"r", it, 600s});
      ASSERT_FALSE(gone.result);
      EXPECT_EQ(gone.result.error().code, errc::not_found);
    }
    EXPECT_TRUE(server.call(admin::mute{"r", user("ben"), 60s}).result);
  }
}

TEST(moderation, a_connection_that_goes_while_it_is_muted_leaves_nothing_behind) {
  limits few;
  few.denials_max = 1;
  for (std::uint64_t seed = 1; seed < 100; ++seed) {
    staffed_server server({.seed = seed, .loops = 2, .rooms_on_loops = true, .bounds = few});
    auto guest = server.enter(nullptr, "r"), ann = server.enter(nullptr, "r");
    caf::anon_send(
      server.routes.directory,
      moderate{.what = moderation::mute, .room = "r", .connection = guest->id(), .seconds = 600});
    server.step(), server.step();
    guest->vanish();
    server.run();
    EXPECT_TRUE(server.call(admin::mute{"r", user("ben"), 60s}).result) << "seed " << seed;
  }
}

TEST(moderation, zero_seconds_lift_a_mute) {
  staffed_server server;
  auto ann = server.enter(person("ann"), "r");
  server.result(admin::mute{"r", user("ann"), 600s});
  server.result(admin::mute{"r", user("ann"), 0s});
  EXPECT_EQ(answer(server, ann, message("r")).at("type"), "sent");
}

TEST(moderation, zero_seconds_lift_a_denial_and_silence_leaves_it) {
  for (const bool there : {false, true}) {
    staffed_server server;
    auto ann = server.enter(person("ann")), ben = server.enter(person("ben"), there ? "r" : "s");
    server.result(admin::kick_from_room{"r", user("ann"), "", 600s});
    server.call(admin::kick_from_room{"r", user("ann"), "", {}});
    EXPECT_EQ(answer(server, ann, join("r")).at("type"), "error");
    server.pass(server.bounds().room_idle_timeout + 1s); // where nobody is there, there is no room
    EXPECT_EQ(connections(server.result(admin::kick_from_room{"r", user("ann"), "", 0s})), 0u);
    EXPECT_EQ(answer(server, ann, join("r")).at("type"), "joined") << there;
  }
}

// Else it would come back at once, again and again.
TEST(moderation, who_connects_into_a_room_that_is_denied_is_told_when_to_come_back) {
  staffed_server server;
  server.result(admin::kick_from_room{"r", user("ann"), "", 60s});
  connection::opening asked;
  asked.room = "r";
  asked.who = person("ann");
  auto ann = server.connect(std::move(asked));
  server.run();
  const auto all = heard(ann);
  ASSERT_EQ(types(all), (list{"connection", "authenticated", "error", "disconnect"}));
  EXPECT_EQ(all[2].at("retry_after_ms"), 60'000);
  EXPECT_EQ(all[3].at("close_code"), 1013);
  EXPECT_EQ(all[3].at("reconnect"), true);
  EXPECT_EQ(all[3].at("after_ms"), 60'000);
}

TEST(moderation, what_is_remembered_has_a_bound_and_is_kept) {
  limits few;
  few.denials_max = 2;
  staffed_server server({.bounds = few});
  for (const char* who : {"ann", "ben"})
    EXPECT_TRUE(server.call(admin::mute{"r", user(who), 60s}).result);
  const auto full = server.call(admin::mute{"s", user("cid"), 60s});
  ASSERT_FALSE(full.result);
  EXPECT_EQ(full.result.error().code, errc::limit_exceeded);
  EXPECT_TRUE(server.call(admin::mute{"r", user("ann"), 90s}).result) << "known already";
  auto ben = server.enter(person("ben"), "r");
  EXPECT_TRUE(muted(answer(server, ben, message("r")), 60s));
  server.pass(60s);
  EXPECT_TRUE(server.call(admin::mute{"s", user("cid"), 60s}).result) << "one has expired";
}

TEST(moderation, a_closed_room_sends_all_out_and_is_new_for_whoever_comes) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    staffed_server server({.seed = seed, .loops = 2, .rooms_on_loops = true});
    auto ann = server.enter(person("ann"), "r"), guest = server.enter(nullptr, "r");
    server.say(ann, message("r"));
    heard(ann), heard(guest);
    EXPECT_EQ(connections(server.result(admin::close_room{"r", "Over"})), 2u);
    for (auto* each : {&ann, &guest})
      EXPECT_EQ(heard(*each),
                (std::vector<json>{{{"type", "left"}, {"room", "r"}, {"reason", "Over"}}}));
    EXPECT_EQ(server.result(admin::stats{}).at("rooms"), 0);
    EXPECT_EQ(server.reports, list{});
    const auto joined = answer(server, guest, join("r"));
    EXPECT_EQ(joined.at("type"), "joined");
    EXPECT_EQ(joined.at("offset"), 0) << "a new one";
  }
}

TEST(moderation, whoever_enters_while_a_room_is_closed_is_in_one_or_out) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    staffed_server server({.seed = seed, .loops = 3, .rooms_on_loops = true});
    auto ann = server.enter(person("ann"), "r"), late = server.enter(nullptr);
    caf::anon_send(server.routes.directory, moderate{.what = moderation::close, .room = "r"});
    late->say(join("r").dump());
    server.run();
    const auto told = heard(late);
    ASSERT_FALSE(told.empty()) << "seed " << seed;
    EXPECT_EQ(told.front().at("type"), "joined");
    const bool out = told.back().at("type") == "left";
    EXPECT_EQ(answer(server, late, message("r")).at("type"), out ? "error" : "sent")
      << "seed " << seed;
  }
}

TEST(moderation, a_room_that_is_not_there_is_not_found_nor_made) {
  staffed_server server;
  for (const admin::command& what : std::initializer_list<admin::command>{
         admin::close_room{"r", ""}, admin::kick_from_room{"r", user("ann"), "", {}}}) {
    const auto outcome = server.call(what);
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, errc::not_found);
  }
  EXPECT_EQ(server.result(admin::stats{}).at("rooms"), 0);
}

TEST(moderation, an_admin_does_it_over_a_connection_and_the_log_says_so) {
  staffed_server server;
  auto root = server.enter(person("root", {"admin"})), ann = server.enter(person("ann"), "r");
  const auto result = [&](json frame) { return server.command(root, std::move(frame)); };
  const json one = {{"connections", 1}};
  EXPECT_EQ(
    result({{"command", "mute"}, {"room", "r"}, {"user_id", "ann"}, {"seconds", 60}}).at("result"),
    one);
  EXPECT_EQ(
    result({{"command", "kick_from_room"}, {"room", "r"}, {"user_id", "ann"}, {"reason", "Spam"}})
      .at("result"),
    one);
  server.say(ann, join("r"));
  EXPECT_EQ(result({{"command", "close_room"}, {"room", "r"}}).at("result"), one);
  EXPECT_EQ(result({{"command", "close_room"}, {"room", "r"}}).at("code"), "not_found");
  server.call(admin::mute{"r", user("ann"), 0s});
  EXPECT_EQ(server.audits,
            (list{"mute|root|ann in r seconds=60 connections=1",
                  "kick_from_room|root|ann in r reason=Spam connections=1",
                  "close_room|root|r connections=1", "close_room|root|r failed=not_found",
                  "mute|api key 1|ann in r seconds=0 connections=0"}));
}

TEST(moderation, an_emptied_room_is_given_up) {
  staffed_server server;
  auto ann = server.enter(person("ann"), "r");
  server.call(admin::kick_from_room{"r", user("ann"), "", {}});
  server.pass(server.bounds().room_idle_timeout + 1s);
  EXPECT_EQ(server.result(admin::stats{}).at("rooms"), 0);
}

} // namespace
} // namespace troupe::test
