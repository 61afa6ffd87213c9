// Golden texts: what clients written against the protocol rely on, byte for byte.
#include "troupe/wire/server_frames.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const wall_time noon{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h + 5ms};

// The payload of a frame that is one text frame and nothing else.
std::string text_of(const frame_ptr& frame) {
  const auto bytes = frame->bytes();
  const std::size_t length = static_cast<unsigned char>(bytes[1]);
  EXPECT_EQ(bytes[0], '\x81');
  const std::size_t header = length < 126 ? 2 : 4;
  const std::size_t size = length < 126
                             ? length
                             : static_cast<std::size_t>(static_cast<unsigned char>(bytes[2]) * 256 +
                                                        static_cast<unsigned char>(bytes[3]));
  EXPECT_EQ(bytes.size(), header + size);
  const std::string text(bytes.substr(header));
  EXPECT_TRUE(nlohmann::json::accept(text)) << text;
  return text;
}

TEST(server_frames, connection) {
  EXPECT_EQ(
    text_of(server_frames::connection("Troupe", "e-01", 30s)),
    R"({"type":"connection","message":"Connected to Troupe","connection_id":"e-01","heartbeat":30})");
  EXPECT_EQ(
    text_of(server_frames::connection("A \"B\"\n", "e", 1500ms)),
    R"({"type":"connection","message":"Connected to A \"B\"\n","connection_id":"e","heartbeat":1.5})");
}

TEST(server_frames, a_heartbeat_is_seconds_as_a_person_writes_them) {
  const std::pair<std::chrono::milliseconds, const char*> cases[] = {
    {200ms, "0.2"},      {1ms, "0.001"}, {1050ms, "1.05"},
    {12'340ms, "12.34"}, {60s, "60"},    {999ms, "0.999"}};
  for (const auto& [time, text] : cases)
    EXPECT_EQ(
      text_of(server_frames::connection("T", "e", time)),
      R"({"type":"connection","message":"Connected to T","connection_id":"e","heartbeat":)" +
        std::string(text) + "}");
}

TEST(server_frames, subscribed) {
  EXPECT_EQ(
    text_of(server_frames::subscribed({{"a", {"e-1", 0}}, {"b.c", {"e-2", 41}}}, false, "")),
    R"({"type":"subscribed","topics":["a","b.c"],"positions":{"a":{"epoch":"e-1","offset":0,"recovered":false},"b.c":{"epoch":"e-2","offset":41,"recovered":false}}})");
  EXPECT_EQ(
    text_of(server_frames::subscribed({{"a", {"e-1", 7}}}, true, "\"x\"")),
    R"({"type":"subscribed","topics":["a"],"channel":"a","positions":{"a":{"epoch":"e-1","offset":7,"recovered":false}},"id":"x"})");
}

TEST(server_frames, unsubscribed) {
  EXPECT_EQ(text_of(server_frames::unsubscribed({"a", "b"}, false, "5")),
            R"({"type":"unsubscribed","topics":["a","b"],"id":5})");
  EXPECT_EQ(text_of(server_frames::unsubscribed({"a"}, true, "")),
            R"({"type":"unsubscribed","topics":["a"],"channel":"a"})");
}

TEST(server_frames, joined_and_left) {
  EXPECT_EQ(text_of(server_frames::joined("r", {"e-3", 12}, "1")),
            R"({"type":"joined","room":"r","epoch":"e-3","offset":12,"id":1})");
  EXPECT_EQ(text_of(server_frames::left("r", "")), R"({"type":"left","room":"r"})");
  EXPECT_EQ(text_of(server_frames::left("r", "2")), R"({"type":"left","room":"r","id":2})");
}

TEST(server_frames, room_events) {
  json_fields chat;
  chat.text("user", "Ann").raw("message", R"({"a":1})");
  EXPECT_EQ(
    text_of(server_frames::room_event("message", "r", chat, noon, 9)),
    R"({"type":"message","room":"r","user":"Ann","message":{"a":1},"timestamp":"2026-01-31T12:00:00.005Z","offset":9})");
  EXPECT_EQ(text_of(server_frames::room_event("tick", "r", {}, noon)),
            R"({"type":"tick","room":"r","timestamp":"2026-01-31T12:00:00.005Z"})");
}

TEST(server_frames, publications) {
  EXPECT_EQ(
    text_of(server_frames::publication("", "a", "[1]", noon, 3)),
    R"({"type":"publication","topic":"a","data":[1],"timestamp":"2026-01-31T12:00:00.005Z","offset":3})");
  EXPECT_EQ(
    text_of(server_frames::publication("order_update", "a", "null", noon, 4)),
    R"({"type":"order_update","topic":"a","data":null,"timestamp":"2026-01-31T12:00:00.005Z","offset":4})");
  EXPECT_EQ(text_of(server_frames::published("a", {"e-1", 4}, "\"m\"")),
            R"({"type":"published","topic":"a","epoch":"e-1","offset":4,"id":"m"})");
}

TEST(server_frames, announcement) {
  EXPECT_EQ(
    text_of(server_frames::announcement("Back at \"five\"", noon)),
    R"({"type":"announcement","text":"Back at \"five\"","timestamp":"2026-01-31T12:00:00.005Z"})");
}

TEST(server_frames, pong) {
  EXPECT_EQ(text_of(server_frames::pong(noon, "")),
            R"({"type":"pong","timestamp":"2026-01-31T12:00:00.005Z"})");
  EXPECT_EQ(text_of(server_frames::pong(noon, "-1")),
            R"({"type":"pong","timestamp":"2026-01-31T12:00:00.005Z","id":-1})");
}

TEST(server_frames, heartbeat_is_a_ping_of_both_kinds) {
  EXPECT_EQ(server_frames::heartbeat()->bytes(), "\x81\x0f{\"type\":\"ping\"}\x89\x00"s);
}

TEST(server_frames, every_error_has_its_code_and_a_message) {
  EXPECT_EQ(text_of(server_frames::error({errc::bad_request, "'a' is \"odd\""}, "")),
            R"({"type":"error","code":"bad_request","message":"'a' is \"odd\""})");
  EXPECT_EQ(text_of(server_frames::error(error{errc::not_in_room}, "3")),
            R"({"type":"error","code":"not_in_room","message":"Not in that room","id":3})");
  error later{errc::rate_limited};
  later.retry_after = std::chrono::milliseconds(1500);
  EXPECT_EQ(text_of(server_frames::error(later, "3")),
            R"({"type":"error","code":"rate_limited","message":"Rate limit exceeded",)"
            R"("retry_after_ms":1500,"id":3})");
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

TEST(server_frames, disconnect_is_the_reason_and_the_close_frame) {
  const std::string text =
    R"({"type":"disconnect","code":1001,"reason":"Server is going away","reconnect":true,"after_ms":250})";
  const std::string header{'\x81', static_cast<char>(text.size())};
  EXPECT_EQ(
    server_frames::disconnect(close_code::going_away, "Server is going away", 250ms)->bytes(),
    header + text + "\x88\x16\x03\xe9Server is going away");
}

TEST(server_frames, clients_come_back_after_everything_but_1000_1008_and_4403) {
  for (const auto code :
       {close_code::normal, close_code::going_away, close_code::protocol_error,
        close_code::unsupported_data, close_code::invalid_payload, close_code::policy_violation,
        close_code::too_big, close_code::internal_error, close_code::try_again_later,
        close_code::token_expired, close_code::kicked, close_code::heartbeat_missed,
        close_code::slow_consumer, close_code::rate_kept_up}) {
    const auto number = static_cast<int>(code);
    const bool expected = number != 1000 && number != 1008 && number != 4403;
    EXPECT_EQ(reconnects(code), expected) << number;
    const std::string bytes(server_frames::disconnect(code, "why", 0ms)->bytes());
    EXPECT_NE(bytes.find(expected ? R"("reconnect":true)" : R"("reconnect":false)"),
              std::string::npos)
      << number;
  }
}

TEST(server_frames, no_text_breaks_out_of_a_frame) {
  const std::string nasty = "\"}{\\\n\x01\xe2\x80\xa8";
  EXPECT_EQ(nlohmann::json::parse(text_of(server_frames::announcement(nasty, noon)))["text"],
            nasty);
  EXPECT_EQ(
    nlohmann::json::parse(text_of(server_frames::error({errc::internal, nasty}, "")))["message"],
    nasty);
}

} // namespace
} // namespace troupe
