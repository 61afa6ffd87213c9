// The fields `to`, `except_me` and `ttl_ms`, and what is told where a message has expired.
#include "troupe/delivery/outbox.hpp"
#include "troupe/wire/client_frames.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace troupe {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

result<delivery_options> options_in(const std::string& fields) {
  const auto frame = decode(R"({"type":"publish","topic":"t","data":1)" + fields + "}", limits{});
  if (!frame)
    return fail(frame.error().error);
  return std::get<client::publish>(frame->body).options;
}

TEST(delivery_options, are_read_from_a_frame) {
  const auto none = options_in("").value();
  EXPECT_FALSE(none.for_some());
  EXPECT_FALSE(none.except_me);
  EXPECT_EQ(none.ttl, 0ms);
  const auto all =
    options_in(R"(,"to":{"role":"st\u0061ff"},"except_me":true,"ttl_ms":5000)").value();
  EXPECT_EQ(all.role, "staff");
  EXPECT_TRUE(all.except_me);
  EXPECT_EQ(all.ttl, 5s);
  const auto null = options_in(R"(,"to":null,"except_me":null,"ttl_ms":null)").value();
  EXPECT_FALSE(null.for_some());
  EXPECT_EQ(options_in(R"(,"ttl_ms":2592000000)").value().ttl, 720h);
}

TEST(delivery_options, that_are_wrong_name_the_field) {
  for (const auto& [fields, named] : std::vector<std::pair<std::string, std::string>>{
         {R"(,"to":"staff")", "'to'"},
         {R"(,"to":{})", "'to'"},
         {R"(,"to":{"user":"7"})", "'to'"},
         {R"(,"to":{"role":"a","user":"7"})", "'to'"},
         {R"(,"to":{"role":7})", "'to'"},
         {R"(,"to":{"role":""})", "'to.role'"},
         {R"(,"to":{"role":")" + std::string(129, 'x') + R"("})", "'to.role'"},
         {R"(,"except_me":1)", "'except_me'"},
         {R"(,"ttl_ms":0)", "'ttl_ms'"},
         {R"(,"ttl_ms":-1)", "'ttl_ms'"},
         {R"(,"ttl_ms":1.5)", "'ttl_ms'"},
         {R"(,"ttl_ms":2592000001)", "'ttl_ms'"},
         {R"(,"ttl_ms":"5")", "'ttl_ms'"}}) {
    const auto got = options_in(fields);
    ASSERT_FALSE(got) << fields;
    EXPECT_EQ(got.error().code, errc::bad_request) << fields;
    EXPECT_TRUE(got.error().message.starts_with(named)) << got.error().message;
  }
}

// An outbox with publications of which some expire.
struct expiring_outbox {
  using time_point = frame_ref::time_point;

  outbox box;
  const time_point start{};

  void push(const std::string& topic, std::uint64_t offset, time_point until = time_point::max()) {
    box.push(frame_ref{encode(events::publication{"p", topic, "1", "", "x", {}, offset}), nullptr,
                       offset, until},
             SIZE_MAX);
  }
  std::string waiting() {
    std::vector<iovec> parts(100);
    std::string out;
    std::size_t bytes = 0;
    for (std::size_t i = 0, n = box.gather(parts); i < n; ++i) {
      bytes += parts[i].iov_len;
      const std::string_view frame(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
      const auto text = json::parse(frame.substr(frame.find('{')));
      out += text["type"] == "gap" ? "[" + text["dropped"].dump() + "]" : "";
      out += text["topic"].get<std::string>() + text["offset"].dump() + " ";
      EXPECT_EQ(text.value("expired", false), text["type"] == "gap");
    }
    EXPECT_EQ(bytes, box.bytes());
    return out;
  }
};

TEST(expired_frames, neighbours_of_one_audience_are_one_gap) {
  expiring_outbox o;
  o.push("a", 1);
  EXPECT_FALSE(o.box.may_expire());
  o.push("a", 2, o.start + 1s);
  o.push("a", 3, o.start + 1s);
  o.push("b", 1, o.start + 1s);
  o.push("a", 4, o.start + 2s);
  EXPECT_TRUE(o.box.may_expire());
  EXPECT_EQ(o.box.expire(o.start), 0u);
  EXPECT_EQ(o.waiting(), "a1 a2 a3 b1 a4 ");
  EXPECT_EQ(o.box.expire(o.start + 1s), 3u);
  EXPECT_EQ(o.waiting(), "a1 [2]a3 [1]b1 a4 ");
  EXPECT_TRUE(o.box.may_expire());
  EXPECT_EQ(o.box.expire(o.start + 2s), 1u);
  EXPECT_EQ(o.waiting(), "a1 [2]a3 [1]b1 [1]a4 ");
  EXPECT_FALSE(o.box.may_expire());
}

TEST(expired_frames, take_less_than_they_did) {
  expiring_outbox o;
  for (std::uint64_t i = 1; i <= 20; ++i)
    o.push(i % 2 == 0 ? "a" : "b", i, o.start);
  const auto before = o.box.bytes();
  EXPECT_EQ(o.box.expire(o.start), 20u);
  EXPECT_LT(o.box.bytes(), before);
  EXPECT_EQ(o.box.frames(), 20u);
}

TEST(expired_frames, what_has_begun_to_leave_stays_and_what_is_held_stays_held) {
  expiring_outbox o;
  o.push("a", 1, o.start);
  o.push("a", 2, o.start);
  o.box.consume(1);
  o.box.hold();
  o.push("a", 3, o.start);
  EXPECT_EQ(o.box.expire(o.start), 2u);
  EXPECT_EQ(o.box.frames(), 3u) << "no gap reaches across an answer";
  std::vector<iovec> parts(10);
  EXPECT_EQ(o.box.gather(parts), 2u);
  o.box.release({});
  EXPECT_EQ(o.box.gather(parts), 3u);
}

} // namespace
} // namespace troupe
