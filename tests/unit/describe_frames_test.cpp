// What the encoder writes is what the description of it says: each event of the table with all its
// fields, and with none that may be left out.
#include "server/describe/protocol_schemas.hpp"
#include "tests/schema_check.hpp"
#include "troupe/wire/troupe_v1.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using nlohmann::json;
using test::schema_check;

json frame_schemas() {
  descriptions::texts words;
  return descriptions::describe_protocol(words).schemas;
}

// -- a value of each kind, in the order of server_events.hpp -----------------------------------------

const events::present_user present{"Ann", "7", "c-1", 2, R"({"away":true})"};

namespace full {
const std::string text = "text", optional_text = "text";
const std::vector<std::string> texts{"a", "b"};
const std::uint64_t number = 7, optional_number = 7;
const bool flag = true, optional_flag = true;
const std::chrono::milliseconds seconds{1500};
const wall_time time{};
const std::string json = R"({"a":[1]})", members = R"(,"anything":{"a":1})", request = "1";
const identity_ptr person = [] {
  identity out;
  out.user_id = "7";
  out.username = "Ann";
  out.roles = {"staff"};
  return std::make_shared<const identity>(out);
}();
const std::vector<events::topic_position> positions{{"a", {"e-1", 3}, true, 9},
                                                    {"a.*", {}, false, {}}};
const std::vector<error> refusals = [] {
  auto later = error{errc::rate_limited}.about(audience_kind::topic, "b");
  later.retry_after = std::chrono::milliseconds(10);
  return std::vector<error>{later, error{errc::limit_exceeded}.about(audience_kind::topic, "c")};
}();
const events::kinds::present_users present_users{{present, {.user = "Ben", .connections = 1}}};
const std::vector<event_ptr> frames{share(events::ping{})};
} // namespace full

// What is left out where that is possible.
namespace bare {
const std::string text = "", optional_text = "";
const std::vector<std::string> texts{};
const std::uint64_t number = 0;
const std::optional<std::uint64_t> optional_number{};
const bool flag = false;
const std::optional<bool> optional_flag{};
const std::chrono::milliseconds seconds{0};
const wall_time time{};
const std::string json = "null", members = "", request = "";
const identity_ptr person = full::person;
const std::vector<events::topic_position> positions{};
const std::vector<error> refusals{};
const events::kinds::present_users present_users{};
const std::vector<event_ptr> frames{};
} // namespace bare

struct sample {
  std::string schema;
  json filled, emptied;
};

json encoded(const server_event& what) {
  std::string text;
  EXPECT_TRUE(troupe_v1().encode(what, text));
  return json::parse(text);
}

// A room or a topic, where a frame is about one of them.
json about_one(json frame, const json& schema, const char* which) {
  if (schema.contains("oneOf") || schema.contains("not"))
    frame.erase(which);
  return frame;
}

// What is a text in the table, and one of few in the schema; and who has gone, of whom less is
// told.
template <class Event>
void narrow(Event& what) {
  if constexpr (requires { what.code; })
    what.code = "timeout";
  if constexpr (requires { what.close_code; })
    what.close_code = 1001;
  if constexpr (requires { what.command; })
    what.command = "kick";
  if constexpr (requires { what.leaves; })
    if (what.leaves)
      *what.leaves = {{"Ann", "7", "c-1"}, {"Ben"}};
  if constexpr (requires {
                  what.room;
                  what.topic;
                })
    if (what.room.empty())
      what.room = "r";
}

template <class Event>
void name_type(Event& what) {
  if constexpr (requires { what.type; })
    what.type = "order_update";
}

std::vector<sample> samples() {
  std::vector<sample> out;
#define TROUPE_EVENT(name, type)                                                                   \
  {                                                                                                \
    events::name filled, emptied;                                                                  \
    const auto schema = descriptions::schema_name(#name, "Frame");
#define TROUPE_NAMED_EVENT(name) TROUPE_EVENT(name, "")
#define TROUPE_FIELD(key, kind)                                                                    \
  filled.key = full::kind;                                                                         \
  emptied.key = bare::kind;
#define TROUPE_EVENT_END                                                                           \
  narrow(filled);                                                                                  \
  narrow(emptied);                                                                                 \
  name_type(filled);                                                                               \
  name_type(emptied);                                                                              \
  out.push_back({schema, encoded(filled), encoded(emptied)});                                      \
  }
#include "troupe/wire/server_events.def"
  return out;
}

TEST(describe_frames, every_field_that_is_written_is_described_and_every_one_described_is_written) {
  const auto all = frame_schemas();
  schema_check closed(all, true);
  for (const auto& [name, filled, emptied] : samples()) {
    const auto& schema = all.at(name);
    for (const auto* which : {"room", "topic"})
      EXPECT_EQ(closed.complaint(name, about_one(filled, schema, which)), "");
    EXPECT_EQ(closed.complaint(name, emptied), "");
    for (const auto& [field, what] : schema.at("properties").items())
      EXPECT_TRUE(filled.contains(field)) << name << "." << field << " is never written";
  }
}

TEST(describe_frames, what_is_always_there_is_needed_and_nothing_else) {
  const auto all = frame_schemas();
  for (const auto& [name, filled, emptied] : samples()) {
    std::set<std::string> there, needed;
    for (const auto& [field, what] : emptied.items())
      there.insert(field);
    for (const auto& field : all.at(name).at("required"))
      needed.insert(field);
    if (all.at(name).contains("oneOf") || all.at(name).contains("not"))
      there.erase("room"); // which `narrow` has put there
    EXPECT_EQ(there, needed) << name;
  }
}

TEST(describe_frames, each_field_of_a_value_is_written_too) {
  const auto all = frame_schemas();
  schema_check closed(all, true);
  for (const auto& [name, filled, emptied] : samples())
    closed.complaint(name, about_one(filled, all.at(name), "topic"));
  for (const auto* value : {"User", "TopicPosition", "Refusal", "PresentUser"})
    for (const auto& [field, what] : all.at(value).at("properties").items())
      EXPECT_TRUE(closed.seen().contains(std::string(value) + "." + field))
        << value << "." << field;
}

TEST(describe_frames, a_field_that_nobody_knows_is_found) {
  schema_check closed(frame_schemas(), true);
  EXPECT_EQ(closed.complaint("LeftFrame", {{"type", "left"}, {"room", "r"}}), "");
  EXPECT_NE(closed.complaint("LeftFrame", {{"type", "left"}, {"room", "r"}, {"more", 1}}), "");
  EXPECT_NE(closed.complaint("LeftFrame", {{"type", "left"}, {"room", 1}}), "");
  EXPECT_NE(closed.complaint("LeftFrame", {{"type", "left"}}), "");
}

} // namespace
} // namespace troupe
