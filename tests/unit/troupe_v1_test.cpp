// Golden texts: what clients written against the protocol rely on, byte for byte.
#include "troupe/json/json_text.hpp"
#include "troupe/wire/event_frame.hpp"
#include "troupe/wire/troupe_v1.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const wall_time noon{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h + 5ms};

frame_ptr frame_of(const server_event& what) {
  return framed(what, troupe_v1());
}

std::string text_of(const server_event& what) {
  std::string text;
  EXPECT_TRUE(troupe_v1().encode(what, text));
  EXPECT_TRUE(nlohmann::json::accept(text)) << text;
  return text;
}

TEST(troupe_v1, connection) {
  EXPECT_EQ(
    text_of(events::connection{"Connected to Troupe", "e-01", "s-1", 30s}),
    R"({"type":"connection","message":"Connected to Troupe","connection_id":"e-01","session":"s-1","heartbeat":30})");
  EXPECT_EQ(
    text_of(events::connection{"Connected to A \"B\"\n", "e", "s-1", 1500ms}),
    R"({"type":"connection","message":"Connected to A \"B\"\n","connection_id":"e","session":"s-1","heartbeat":1.5})");
}

TEST(troupe_v1, connection_straight_into_a_room) {
  EXPECT_EQ(
    text_of(events::connection{"Connected to T", "e", "s-1", 30s, "r", "e-1", 0}),
    R"({"type":"connection","message":"Connected to T","connection_id":"e","session":"s-1","heartbeat":30,"room":"r","epoch":"e-1","offset":0})");
}

TEST(troupe_v1, a_heartbeat_is_seconds_as_a_person_writes_them) {
  const std::pair<std::chrono::milliseconds, const char*> cases[] = {
    {200ms, "0.2"},      {1ms, "0.001"}, {1050ms, "1.05"},
    {12'340ms, "12.34"}, {60s, "60"},    {999ms, "0.999"}};
  for (const auto& [time, text] : cases)
    EXPECT_EQ(
      text_of(events::connection{"Connected to T", "e", "s-1", time}),
      R"({"type":"connection","message":"Connected to T","connection_id":"e","session":"s-1","heartbeat":)" +
        std::string(text) + "}");
}

TEST(troupe_v1, subscribed) {
  EXPECT_EQ(
    text_of(
      events::subscribed{{"a", "b.c"}, "", {{"a", {"e-1", 0}}, {"b.c", {"e-2", 41}}}, {}, ""}),
    R"({"type":"subscribed","topics":["a","b.c"],"positions":{"a":{"epoch":"e-1","offset":0,"recovered":false},"b.c":{"epoch":"e-2","offset":41,"recovered":false}}})");
  EXPECT_EQ(
    text_of(events::subscribed{{"a"}, "a", {{"a", {"e-1", 7}}}, {}, "\"x\""}),
    R"({"type":"subscribed","topics":["a"],"channel":"a","positions":{"a":{"epoch":"e-1","offset":7,"recovered":false}},"id":"x"})");
}

TEST(troupe_v1, a_pattern_has_no_position) {
  EXPECT_EQ(
    text_of(
      events::subscribed{{"a.*", "b"}, "", {{"a.*", {}, false, {}}, {"b", {"e-1", 7}}}, {}, ""}),
    R"({"type":"subscribed","topics":["a.*","b"],"positions":{"a.*":{"recovered":false},"b":{"epoch":"e-1","offset":7,"recovered":false}}})");
}

TEST(troupe_v1, subscribed_in_part) {
  const std::vector<error> refused{error{errc::limit_exceeded}.about(audience_kind::topic, "b")};
  EXPECT_EQ(
    text_of(events::subscribed{{"a"}, "", {{"a", {"e-1", 0}}}, refused, "1"}),
    R"({"type":"subscribed","topics":["a"],"positions":{"a":{"epoch":"e-1","offset":0,"recovered":false}},"refused":[{"topic":"b","code":"limit_exceeded","message":"Limit exceeded"}],"id":1})");
}

TEST(troupe_v1, unsubscribed) {
  EXPECT_EQ(text_of(events::unsubscribed{{"a", "b"}, "", "5"}),
            R"({"type":"unsubscribed","topics":["a","b"],"id":5})");
  EXPECT_EQ(text_of(events::unsubscribed{{"a"}, "a", ""}),
            R"({"type":"unsubscribed","topics":["a"],"channel":"a"})");
}

TEST(troupe_v1, joined_and_left) {
  EXPECT_EQ(text_of(events::joined{.room = "r", .epoch = "e-3", .offset = 12, .id = "1"}),
            R"({"type":"joined","room":"r","epoch":"e-3","offset":12,"id":1})");
  EXPECT_EQ(text_of(events::left{.room = "r"}), R"({"type":"left","room":"r"})");
  EXPECT_EQ(text_of(events::left{.room = "r", .id = "2"}), R"({"type":"left","room":"r","id":2})");
  EXPECT_EQ(text_of(events::left{.room = "r", .reason = "Spam"}),
            R"({"type":"left","room":"r","reason":"Spam"})");
}

TEST(troupe_v1, room_events) {
  json_fields chat;
  chat.text("user", "Ann").raw("message", R"({"a":1})");
  EXPECT_EQ(
    text_of(events::room_event{"message", "r", std::string(chat.view()), "7", "c-1", noon, 9}),
    R"({"type":"message","room":"r","user":"Ann","message":{"a":1},"user_id":"7","from":"c-1","timestamp":"2026-01-31T12:00:00.005Z","offset":9})");
  EXPECT_EQ(text_of(events::room_event{"tick", "r", "", "", "", noon, {}}),
            R"({"type":"tick","room":"r","timestamp":"2026-01-31T12:00:00.005Z"})");
}

TEST(troupe_v1, sent) {
  EXPECT_EQ(text_of(events::sent{"r", "e-1", 4, "1"}),
            R"({"type":"sent","room":"r","epoch":"e-1","offset":4,"id":1})");
  EXPECT_EQ(text_of(events::sent{"r", "", {}, "1"}), R"({"type":"sent","room":"r","id":1})");
}

TEST(troupe_v1, publications) {
  EXPECT_EQ(
    text_of(events::publication{"publication", "a", "[1]", "", "c-1", noon, 3}),
    R"({"type":"publication","topic":"a","data":[1],"from":"c-1","timestamp":"2026-01-31T12:00:00.005Z","offset":3})");
  EXPECT_EQ(
    text_of(events::publication{"order_update", "a", "null", "7", "c-1", noon, 4}),
    R"({"type":"order_update","topic":"a","data":null,"user_id":"7","from":"c-1","timestamp":"2026-01-31T12:00:00.005Z","offset":4})");
  EXPECT_EQ(text_of(events::published{"a", "e-1", 4, "\"m\""}),
            R"({"type":"published","topic":"a","epoch":"e-1","offset":4,"id":"m"})");
}

TEST(troupe_v1, announcement) {
  EXPECT_EQ(
    text_of(events::announcement{"Back at \"five\"", noon}),
    R"({"type":"announcement","text":"Back at \"five\"","timestamp":"2026-01-31T12:00:00.005Z"})");
}

TEST(troupe_v1, pong) {
  EXPECT_EQ(text_of(events::pong{noon, ""}),
            R"({"type":"pong","timestamp":"2026-01-31T12:00:00.005Z"})");
  EXPECT_EQ(text_of(events::pong{noon, "-1"}),
            R"({"type":"pong","timestamp":"2026-01-31T12:00:00.005Z","id":-1})");
}

TEST(troupe_v1, heartbeat_is_a_ping_of_both_kinds) {
  EXPECT_EQ(frame_of(events::ping{})->bytes(), "\x81\x0f{\"type\":\"ping\"}\x89\x00"s);
}

TEST(troupe_v1, every_error_has_its_code_and_a_message) {
  EXPECT_EQ(text_of(events::refusal({errc::bad_request, "'a' is \"odd\""})),
            R"({"type":"error","code":"bad_request","message":"'a' is \"odd\""})");
  EXPECT_EQ(text_of(events::refusal(error{errc::not_in_room}, "3")),
            R"({"type":"error","code":"not_in_room","message":"Not in that room","id":3})");
  error later{errc::rate_limited};
  later.retry_after = std::chrono::milliseconds(1500);
  EXPECT_EQ(text_of(events::refusal(later, "3")),
            R"({"type":"error","code":"rate_limited","message":"Rate limit exceeded",)"
            R"("retry_after_ms":1500,"id":3})");
  EXPECT_EQ(
    text_of(events::refusal(error{errc::not_in_room}.about(audience_kind::room, "r"), "3")),
    R"({"type":"error","code":"not_in_room","message":"Not in that room","room":"r","id":3})");
  EXPECT_EQ(text_of(events::refusal(error{errc::internal}.about(audience_kind::topic, "t"))),
            R"({"type":"error","code":"internal","message":"Internal error","topic":"t"})");
  const std::pair<errc, const char*> codes[] = {
    {errc::bad_json, "bad_json"},
    {errc::bad_request, "bad_request"},
    {errc::unknown_type, "unknown_type"},
    {errc::invalid_name, "invalid_name"},
    {errc::insufficient_permissions, "insufficient_permissions"},
    {errc::rate_limited, "rate_limited"},
    {errc::limit_exceeded, "limit_exceeded"},
    {errc::not_in_room, "not_in_room"},
    {errc::not_found, "not_found"},
    {errc::timeout, "timeout"},
    {errc::unavailable, "unavailable"},
    {errc::internal, "internal"}};
  for (const auto& [code, name] : codes) {
    EXPECT_EQ(to_string(code), name);
    EXPECT_FALSE(default_message(code).empty());
  }
}

TEST(troupe_v1, disconnect_is_the_reason_and_the_close_frame) {
  const std::string text =
    R"({"type":"disconnect","close_code":1001,"reason":"Server is going away","reconnect":true,"after_ms":250})";
  const std::string header{'\x81', static_cast<char>(text.size())};
  EXPECT_EQ(
    frame_of(events::closing(close_code::going_away, "Server is going away", 250ms))->bytes(),
    header + text + "\x88\x16\x03\xe9Server is going away");
}

TEST(troupe_v1, clients_come_back_after_everything_but_1000_1008_and_4403) {
  for (const auto code :
       {close_code::normal, close_code::going_away, close_code::protocol_error,
        close_code::unsupported_data, close_code::invalid_payload, close_code::policy_violation,
        close_code::too_big, close_code::internal_error, close_code::try_again_later,
        close_code::token_expired, close_code::kicked, close_code::heartbeat_missed,
        close_code::slow_consumer, close_code::rate_kept_up}) {
    const auto number = static_cast<int>(code);
    const bool expected = number != 1000 && number != 1008 && number != 4403;
    EXPECT_EQ(reconnects(code), expected) << number;
    const std::string bytes(frame_of(events::closing(code, "why"))->bytes());
    EXPECT_NE(bytes.find(expected ? R"("reconnect":true)" : R"("reconnect":false)"),
              std::string::npos)
      << number;
  }
}

TEST(troupe_v1, a_gap_names_its_room_or_topic) {
  EXPECT_EQ(text_of(events::gap{"r", "", 2, 7}),
            R"({"type":"gap","room":"r","dropped":2,"offset":7})");
  EXPECT_EQ(text_of(events::gap{"", "a.b", 1, 9}),
            R"({"type":"gap","topic":"a.b","dropped":1,"offset":9})");
  EXPECT_LE(text_of(events::gap{"", "t", UINT64_MAX, UINT64_MAX}).size(),
            1 + dialect::gap_bytes_max);
}

TEST(troupe_v1, presence) {
  const events::present_user ann{"Ann", "u1", "", 2, R"({"a":1})"}, guest{"G", "", "c", 1, ""},
    gone{"G", "", "c", 0, ""};
  EXPECT_EQ(
    text_of(events::presence{"r", "", 3, {{guest, ann}}, "uu1", "7"}),
    R"({"type":"presence","room":"r","count":3,"users":[{"user":"G","from":"c","connections":1},{"user":"Ann","user_id":"u1","connections":2,"state":{"a":1}}],"next":"uu1","id":7})");
  EXPECT_EQ(text_of(events::presence{"", "t", 0, std::vector<events::present_user>{}, "", ""}),
            R"({"type":"presence","topic":"t","count":0,"users":[]})");
  EXPECT_EQ(text_of(events::presence{"r", "", 3, {}, "", ""}),
            R"({"type":"presence","room":"r","count":3})")
    << "where only the number is told";
  EXPECT_EQ(
    text_of(events::presence_diff{"r", "", 1, {{ann}}, {{gone}}, {{guest}}}),
    R"({"type":"presence_diff","room":"r","count":1,"joins":[{"user":"Ann","user_id":"u1","connections":2,"state":{"a":1}}],"leaves":[{"user":"G","from":"c"}],"updates":[{"user":"G","from":"c","connections":1}]})");
  EXPECT_EQ(text_of(events::presence_diff{"", "t", 1, {}, {}, {}}),
            R"({"type":"presence_diff","topic":"t","count":1})");
  EXPECT_EQ(text_of(events::presence_updated{"r", "", "1"}),
            R"({"type":"presence_updated","room":"r","id":1})");
}

TEST(troupe_v1, what_bridges_and_admins_say) {
  EXPECT_EQ(
    text_of(events::topic_event{"order", "a", R"(,"n":1)", "server", noon, 3}),
    R"({"type":"order","topic":"a","n":1,"from":"server","timestamp":"2026-01-31T12:00:00.005Z","offset":3})");
  EXPECT_EQ(text_of(events::user_event{"hint", R"(,"n":1)", noon}),
            R"({"type":"hint","n":1,"timestamp":"2026-01-31T12:00:00.005Z"})");
  EXPECT_EQ(
    text_of(events::notification{R"({"n":1.0})", noon}),
    R"({"type":"notification","message":{"n":1.0},"timestamp":"2026-01-31T12:00:00.005Z"})");
  EXPECT_EQ(text_of(events::admin_result{"stats", "{}", "\"7\""}),
            R"({"type":"admin_result","command":"stats","result":{},"id":"7"})");
  EXPECT_EQ(text_of(events::rpc_result{"[1]", ""}), R"({"type":"rpc_result","result":[1]})");
}

TEST(troupe_v1, a_person) {
  identity ann;
  ann.user_id = "u1";
  ann.username = "Ann";
  ann.roles = {"admin", "staff"};
  EXPECT_EQ(
    text_of(events::authenticated{std::make_shared<const identity>(ann), "", 60, "1"}),
    R"({"type":"authenticated","user":{"id":"u1","username":"Ann","roles":["admin","staff"]},"expires_in":60,"id":1})");
}

TEST(troupe_v1, a_person_with_an_inbox) {
  identity ann;
  ann.user_id = ann.username = "u1";
  EXPECT_EQ(
    text_of(events::authenticated{std::make_shared<const identity>(ann), "user.u1", {}, ""}),
    R"({"type":"authenticated","user":{"id":"u1","username":"u1","roles":[]},"inbox":"user.u1"})");
}

TEST(troupe_v1, no_text_breaks_out_of_a_frame) {
  const std::string nasty = "\"}{\\\n\x01\xe2\x80\xa8";
  EXPECT_EQ(nlohmann::json::parse(text_of(events::announcement{nasty, noon}))["text"], nasty);
  EXPECT_EQ(nlohmann::json::parse(text_of(events::refusal({errc::internal, nasty})))["message"],
            nasty);
}

} // namespace
} // namespace troupe
