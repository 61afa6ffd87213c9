// The seam between what a server says and the bytes that say it: one room with clients of two
// dialects. The second one here has another shape (arrays, no time stamps), answers requests in its
// own way, and has no words for some of what happens.
#include "heard.hpp"
#include "stage.hpp"
#include "troupe/json/json_scan.hpp"
#include "troupe/json/json_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace troupe::test {
namespace {

using nlohmann::json;
using list = std::vector<std::string>;

/// In: `[ref,"join",room]`, `[ref,"say",room,value]`. Out: `["hello"]`, `[ref,"ok"]` to a join,
/// `[ref,"no",code]`, `["said",room,offset,{…}]`, `["lost",n]`, `["bye",code]`.
class terse final : public dialect {
public:
  mutable int messages = 0; ///< how often something in a room was encoded

  std::string_view name() const override { return "terse"; }

  result<client_frame, refused_frame> decode(std::string_view text, const limits&) const override {
    const auto said = json::parse(text, nullptr, false);
    if (!said.is_array() || said.size() < 3)
      return fail(refused_frame{{}, error{errc::bad_json}});
    client_frame out{said[0].dump(), {}};
    if (said[1] == "join")
      out.body = troupe::client::join{said[2], {}};
    else if (said[1] == "say")
      out.body = troupe::client::message{said[2], {}, {}, slice_behind_third_comma(text)};
    else
      return fail(refused_frame{out.id, error{errc::unknown_type}});
    return out;
  }

  bool encode(const server_event& what, std::string& out) const override {
    return std::visit([&](const auto& event) { return put(out, event); }, what);
  }

private:
  static std::string_view slice_behind_third_comma(std::string_view text) {
    for (int commas = 0; commas < 3; ++commas)
      text.remove_prefix(text.find(',') + 1);
    text.remove_suffix(1);
    return text;
  }

  template <class Event>
  bool put(std::string&, const Event&) const {
    return false;
  }
  bool put(std::string& out, const events::connection&) const {
    out += R"(["hello"])";
    return true;
  }
  bool put(std::string& out, const events::joined& event) const {
    out += "[" + event.id + R"(,"ok"])";
    return true;
  }
  bool put(std::string& out, const events::error& event) const {
    out += "[" + (event.id.empty() ? "null" : event.id) + R"(,"no",")" + event.code + "\"]";
    return true;
  }
  bool put(std::string& out, const events::room_event& event) const {
    if (!event.offset) // somebody came or went: there are no words for it
      return false;
    ++messages;
    out += R"(["said",")" + event.room + "\"," + std::to_string(*event.offset) + ",{" +
           event.members.substr(1) + "}]";
    return true;
  }
  bool put(std::string& out, const events::gap& event) const {
    out += R"(["lost",)" + std::to_string(event.dropped) + "]";
    return true;
  }
  bool put(std::string& out, const events::disconnect& event) const {
    out += R"(["bye",)" + std::to_string(event.close_code) + "]";
    return true;
  }
};

std::uint64_t encodings(const stage& server) {
  std::uint64_t sum = 0;
  for (const auto& loop : server.metrics.loops())
    sum += loop.encodings.value();
  return sum;
}

class dialects : public testing::TestWithParam<std::uint64_t> {
protected:
  stage::options two_loops() const {
    stage::options how;
    how.seed = GetParam();
    how.loops = 2;
    how.rooms_on_loops = true;
    return how;
  }
};

TEST_P(dialects, meet_in_one_room_and_each_form_is_made_once_a_loop) {
  const terse speech;
  stage server(two_loops());
  std::vector<client> plain, short_spoken;
  for (int i = 0; i < 4; ++i) { // two of each on each loop
    plain.push_back(server.connect({.room = "r"}));
    plain.push_back(server.connect({.room = "r"}));
    short_spoken.push_back(server.connect({.room = "r", .speaks = &speech}));
    short_spoken.push_back(server.connect({.room = "r", .speaks = &speech}));
  }
  server.run();
  for (const auto& each : plain)
    each->read();
  for (const auto& each : short_spoken)
    EXPECT_EQ(each->read(), (list{R"(["hello"])"})) << "and not a word of who came";

  const auto before = encodings(server);
  plain.front()->say(R"({"type":"message","message":{"n":1}})");
  server.run();
  short_spoken.front()->say(R"([7,"say","r",{"n":2}])");
  server.run();

  const list in_v1{R"({"n":1})", R"({"n":2})"};
  for (const auto& each : plain) {
    list seen;
    for (const auto& frame : each->read())
      seen.push_back(json::parse(frame).at("message").dump());
    EXPECT_EQ(seen, in_v1);
  }
  const list in_terse{R"(["said","r",1,{"user":"Anonymous","message":{"n":1}}])",
                      R"(["said","r",2,{"user":"Anonymous","message":{"n":2}}])"};
  for (const auto& each : short_spoken)
    EXPECT_EQ(each->read(), in_terse);
  EXPECT_EQ(speech.messages, 2 * 2) << "two messages, two loops, eight clients";
  EXPECT_EQ(encodings(server) - before, 2u * 2u + 1)
    << "and `sent`, for which there is no word; what rooms encode themselves is not made again";
}

TEST_P(dialects, a_second_dialect_that_nobody_speaks_costs_nothing) {
  stage server(two_loops());
  auto ann = server.connect({.room = "r"});
  auto ben = server.connect({.room = "r"});
  server.run();
  const auto before = encodings(server);
  ann->say(R"({"type":"message","message":"hi"})");
  server.run();
  EXPECT_EQ(encodings(server), before);
}

TEST_P(dialects, requests_and_refusals_are_answered_in_the_dialect_of_the_client) {
  const terse speech;
  stage server(two_loops());
  auto ann = server.connect({.speaks = &speech});
  server.run();
  ann->say(R"([1,"say","r",0])");
  ann->say(R"([2,"join","r"])");
  ann->say(R"([3,"dance","r"])");
  ann->say("nothing");
  server.run();
  EXPECT_EQ(ann->read(), (list{R"(["hello"])", R"([1,"no","not_in_room"])", R"([2,"ok"])",
                               R"([3,"no","unknown_type"])", R"([null,"no","bad_json"])"}));
  ann->hang_up(close_code::going_away, "later");
  server.run();
  EXPECT_EQ(ann->read(), (list{R"(["bye",1001])", "<close 1001>"}));
}

TEST_P(dialects, a_slow_reader_is_told_in_its_dialect_what_it_misses) {
  const terse speech;
  auto how = two_loops();
  how.bounds.outbox_bytes_max = 4096;
  stage server(how);
  server.change([](live_settings& next) {
    next.access = access_rules({open_to_all(">", slow_consumer::drop_oldest)});
  });
  auto ann = server.connect({.room = "r"});
  auto ben = server.connect({.room = "r", .speaks = &speech});
  server.run();
  ben->read();
  ben->stall();
  for (int i = 0; i < 100; ++i) {
    ann->say(R"({"type":"message","message":")" + std::string(100, 'x') + R"("})");
    server.run();
  }
  ben->resume();
  const auto heard = ben->read();
  const auto lost = std::find_if(heard.begin(), heard.end(), [](const std::string& frame) {
    return frame.starts_with(R"(["lost",)");
  });
  ASSERT_NE(lost, heard.end());
  EXPECT_EQ(json::parse(*lost).at(1).get<std::size_t>() + heard.size() - 1, 100u);
}

INSTANTIATE_TEST_SUITE_P(seeds, dialects, testing::Values(0, 1, 2, 3, 4, 5));

} // namespace
} // namespace troupe::test
