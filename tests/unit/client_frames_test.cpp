#include "troupe/wire/client_frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

client_frame frame_of(std::string_view text, const limits& bounds = {}) {
  auto frame = decode(text, bounds);
  if (!frame) {
    ADD_FAILURE() << text << " is refused: " << frame.error().error.message;
    return {};
  }
  return *std::move(frame);
}

template <class Body>
Body body_of(std::string_view text) {
  auto frame = frame_of(text);
  auto* body = std::get_if<Body>(&frame.body);
  EXPECT_NE(body, nullptr) << text << " is a frame of another type";
  return body ? std::move(*body) : Body{};
}

refused_frame refused(std::string_view text, const limits& bounds = {}) {
  const auto frame = decode(text, bounds);
  if (frame) {
    ADD_FAILURE() << text << " is not refused";
    return {};
  }
  return frame.error();
}

// `text` is refused with `code` and a message that names `field`.
void expect_refused(const std::string& text, errc code, std::string_view field,
                    const limits& bounds = {}) {
  const auto wrong = refused(text, bounds);
  EXPECT_EQ(to_string(wrong.error.code), to_string(code)) << text;
  EXPECT_THAT(wrong.error.message, HasSubstr(std::string(1, '\'').append(field).append("'")))
    << text;
}

TEST(client_frames, ping_and_pong_have_nothing_but_their_type) {
  body_of<client::ping>(R"({"type":"ping"})");
  body_of<client::pong>(R"({"type":"pong"})");
}

TEST(client_frames, subscribe_takes_topics_topic_or_channel) {
  for (const std::string type : {"subscribe", "unsubscribe"}) {
    const auto topics = [&](const std::string& fields) {
      const std::string text = R"({"type":")" + type + "\"," + fields + "}";
      if (type == "unsubscribe") {
        auto body = body_of<client::unsubscribe>(text);
        return std::pair{body.topics, body.by_channel};
      }
      auto body = body_of<client::subscribe>(text);
      return std::pair{body.topics, body.by_channel};
    };
    EXPECT_THAT(topics(R"("topics":["a","b.c","a"])").first, ElementsAre("a", "b.c", "a"));
    EXPECT_FALSE(topics(R"("topics":["a"])").second);
    EXPECT_THAT(topics(R"("topic":"a")").first, ElementsAre("a"));
    EXPECT_FALSE(topics(R"("topic":"a")").second);
    EXPECT_THAT(topics(R"("channel":"a")").first, ElementsAre("a"));
    EXPECT_TRUE(topics(R"("channel":"a")").second);
    EXPECT_THAT(topics(R"("topics":null,"topic":null,"channel":"a")").first, ElementsAre("a"));
  }
}

TEST(client_frames, topics_go_before_topic_and_topic_before_channel) {
  EXPECT_THAT(
    body_of<client::subscribe>(R"({"type":"subscribe","channel":"c","topic":"b","topics":["a"]})")
      .topics,
    ElementsAre("a"));
  const auto two = body_of<client::subscribe>(R"({"type":"subscribe","channel":"c","topic":"b"})");
  EXPECT_THAT(two.topics, ElementsAre("b"));
  EXPECT_FALSE(two.by_channel);
}

TEST(client_frames, join_and_leave_name_a_room) {
  const auto join = body_of<client::join>(R"({"type":"join","room":"poll/1","user":"Zo\u00eb"})");
  EXPECT_EQ(join.room, "poll/1");
  EXPECT_EQ(join.user, "Zo\xc3\xab");
  EXPECT_EQ(body_of<client::join>(R"({"type":"join","room":"r"})").user, "");
  EXPECT_EQ(body_of<client::leave>(R"({"type":"leave","room":"r"})").room, "r");
}

TEST(client_frames, a_message_is_any_json_as_it_was_written) {
  for (const std::string content : {R"("hi")", "1.50", "null", "true", "[1, 2]", R"({"a" : "\n"})"})
    for (const std::string key : {"message", "content"}) {
      const std::string text = R"({"type":"message",")" + key + "\": " + content + " }";
      EXPECT_EQ(body_of<client::message>(text).content, content) << text;
    }
  const auto full =
    body_of<client::message>(R"({"type":"message","message":1,"content":2,"room":"r","user":"u"})");
  EXPECT_EQ(full.content, "1") << "message goes before content";
  EXPECT_EQ(full.room, "r");
  EXPECT_EQ(full.user, "u");
  EXPECT_EQ(body_of<client::message>(R"({"type":"message","message":1})").room, "");
}

TEST(client_frames, publish_has_a_topic_and_data) {
  const auto frame = body_of<client::publish>(
    R"({"type":"publish","topic":"a","data":{"x":[1]},"event":"order_update","msg_id":"m\"1"})");
  EXPECT_EQ(frame.topic, "a");
  EXPECT_EQ(frame.data, R"({"x":[1]})");
  EXPECT_EQ(frame.event, "order_update");
  EXPECT_EQ(frame.msg_id, "m\"1");
  const auto bare = body_of<client::publish>(R"({"type":"publish","topic":"a","data":null})");
  EXPECT_EQ(bare.data, "null");
  EXPECT_EQ(bare.event, "");
  EXPECT_EQ(bare.msg_id, "");
}

TEST(client_frames, the_id_comes_back_as_it_was_written) {
  const std::string longest = '"' + std::string(128, '9') + '"';
  for (const std::string id :
       {"1", "0", "-7", "18446744073709551616", R"("a")", R"("")", R"("\u00e9\"")"}) {
    EXPECT_EQ(frame_of(R"({"type":"ping","id":)" + id + "}").id, id);
    EXPECT_EQ(refused(R"({"type":"join","id":)" + id + "}").id, id) << "a refusal has it too";
    EXPECT_EQ(refused(R"({"id":)" + id + R"(,"type":"what"})").id, id);
    EXPECT_EQ(refused(R"({"id":)" + id + R"(,"type":5})").id, id);
  }
  EXPECT_EQ(frame_of(R"({"type":"ping","id":)" + longest + "}").id, longest);
}

TEST(client_frames, no_id_and_null_are_the_same) {
  EXPECT_EQ(frame_of(R"({"type":"ping"})").id, "");
  EXPECT_EQ(frame_of(R"({"type":"ping","id":null})").id, "");
}

TEST(client_frames, an_id_that_no_answer_could_carry_is_refused_and_not_echoed) {
  for (const std::string id : {"1.5", "1e3", "1E3", "true", "[]", "{}", "[1]"}) {
    expect_refused(R"({"type":"ping","id":)" + id + "}", errc::bad_request, "id");
    EXPECT_EQ(refused(R"({"type":"ping","id":)" + id + "}").id, "");
  }
  expect_refused(R"({"type":"ping","id":")" + std::string(129, 'i') + "\"}", errc::bad_request,
                 "id");
  expect_refused(R"({"type":"ping","id":12345})", errc::bad_request, "id", {.id_bytes_max = 4});
}

TEST(client_frames, unknown_fields_are_ignored) {
  const auto frame = body_of<client::join>(
    R"({"x":[{"type":"leave"}],"type":"join","":1,"rooms":["s"],"room":"r","Room":7,"user ":8})");
  EXPECT_EQ(frame.room, "r");
  EXPECT_EQ(frame.user, "");
}

TEST(client_frames, escapes_in_type_and_keys_mean_what_they_stand_for) {
  EXPECT_EQ(body_of<client::leave>(R"({"t\u0079pe":"le\u0061ve","\u0072oom":"\u0072"})").room, "r");
}

TEST(client_frames, the_type_must_be_a_string_that_is_known) {
  for (const std::string text : {"{}", R"({"type":null})", R"({"type":1})", R"({"type":["ping"]})",
                                 R"({"typ":"ping"})", R"({"type":{"type":"ping"}})"})
    expect_refused(text, errc::bad_request, "type");
  for (const std::string type : {"", "Ping", "ping ", "pings", "connection", "error", "rpcs"})
    expect_refused(R"({"type":")" + type + "\"}", errc::unknown_type, "type");
}

TEST(client_frames, what_is_no_json_object_says_where) {
  for (const std::string text :
       {"", " ", "null", "[]", "1", "\"ping\"", "ping", R"({"type":"ping")", R"({"type":"ping"}x)",
        R"({'type':'ping'})", R"({"type":"ping",})"}) {
    const auto wrong = refused(text);
    EXPECT_EQ(wrong.error.code, errc::bad_json) << text;
    EXPECT_EQ(wrong.id, "");
    EXPECT_THAT(wrong.error.message, HasSubstr("at byte ")) << text;
  }
  EXPECT_THAT(refused(R"({"type":"ping",})").error.message, HasSubstr("byte 15"));
}

TEST(client_frames, a_key_that_comes_twice_is_refused_wherever_it_is) {
  for (const std::string text :
       {R"({"type":"ping","type":"pong"})", R"({"type":"ping","t\u0079pe":"pong"})",
        R"({"type":"message","message":{"a":1,"b":[{"c":1,"c":1}]}})",
        R"({"type":"ping","x":1,"y":2,"x":3})"}) {
    const auto wrong = refused(text);
    EXPECT_EQ(wrong.error.code, errc::bad_json) << text;
    EXPECT_THAT(wrong.error.message, HasSubstr("a key for the second time at byte ")) << text;
  }
}

TEST(client_frames, a_request_has_at_most_64_fields) {
  const auto with_fields = [](int count) {
    std::string text = R"({"type":"ping")";
    for (int i = 1; i < count; ++i)
      text += ",\"f" + std::to_string(i) + "\":0";
    return text + '}';
  };
  frame_of(with_fields(64));
  const auto wrong = refused(with_fields(65));
  EXPECT_EQ(wrong.error.code, errc::bad_request);
  EXPECT_EQ(wrong.error.message, "A request has at most 64 fields");
}

TEST(client_frames, deep_json_is_refused_wherever_it_is) {
  const auto nested = [](std::string key, std::size_t depth) {
    return R"({"type":"message","message":1,")" + key + "\":" + std::string(depth, '[') +
           std::string(depth, ']') + "}";
  };
  EXPECT_EQ(body_of<client::message>(nested("x", 63)).content, "1");
  for (const auto* key : {"x", "message", "content", "room"})
    EXPECT_EQ(refused(nested(key, 64)).error.code, errc::bad_json) << key;
  EXPECT_EQ(refused(nested("x", 4), {.json_depth_max = 4}).error.code, errc::bad_json);
}

TEST(client_frames, what_is_refused_as_json_keeps_the_id_that_stands_before) {
  const std::string deep(64, '['), begun = R"({"type":"publish","topic":"t","id":)";
  for (const std::string& data :
       {std::string(R"({"a":1,"a":2}})"), deep, std::string("1e"), std::string(R"("\ud800"})"),
        std::string(65, '1') + "}", std::string("01}"), std::string("1} {}"),
        std::string(R"(1,"topic":"u"})")}) {
    EXPECT_EQ(refused(begun + R"(7,"data":)" + data).id, "7") << data;
    EXPECT_EQ(refused(begun + R"("a-1","data":)" + data).id, R"("a-1")") << data;
    EXPECT_EQ(refused(R"({"topic":"t","data":)" + data).id, "") << data;
    EXPECT_EQ(refused(begun + R"([7],"data":)" + data).id, "") << data;
    EXPECT_EQ(refused(begun + R"(null,"data":)" + data).id, "") << data;
  }
  EXPECT_EQ(refused(R"({"\u0069d":7,"type")").id, "7");
  EXPECT_EQ(refused(R"({"x":{"id":7},"type")").id, "") << "that is another's";
  EXPECT_EQ(refused(R"({"id":7,"id":8})").id, "") << "which of the two?";
  EXPECT_EQ(refused(R"({"id":7,"x":1)").id, "7");
}

struct field {
  const char* frame; ///< `%` stands for the value
  const char* name;
  bool required;
};

std::string with(const field& f, const std::string& value) {
  std::string text = f.frame;
  return text.replace(text.find('%'), 1, value);
}

constexpr field strings[] = {
  {R"({"type":"join","room":%})", "room", true},
  {R"({"type":"leave","room":%})", "room", true},
  {R"({"type":"publish","data":1,"topic":%})", "topic", true},
  {R"({"type":"subscribe","topic":%,"channel":"c"})", "topic", false},
  {R"({"type":"subscribe","channel":%})", "channel", true},
  {R"({"type":"unsubscribe","channel":%})", "channel", true},
  {R"({"type":"message","message":1,"room":%})", "room", false},
  {R"({"type":"message","message":1,"user":%})", "user", false},
  {R"({"type":"join","room":"r","user":%})", "user", false},
  {R"({"type":"publish","topic":"t","data":1,"event":%})", "event", false},
  {R"({"type":"publish","topic":"t","data":1,"msg_id":%})", "msg_id", false},
};

TEST(client_frames, a_field_of_the_wrong_kind_is_named) {
  for (const auto& f : strings)
    for (const auto* wrong : {"1", "-1.5", "true", "false", "[]", "{}", R"(["x"])"})
      expect_refused(with(f, wrong), errc::bad_request, f.name);
}

TEST(client_frames, null_is_as_good_as_nothing) {
  for (const auto& f : strings) {
    if (f.required)
      expect_refused(with(f, "null"), errc::bad_request, f.name);
    else
      frame_of(with(f, "null"));
  }
}

TEST(client_frames, a_missing_field_is_named) {
  expect_refused(R"({"type":"join"})", errc::bad_request, "room");
  expect_refused(R"({"type":"leave"})", errc::bad_request, "room");
  expect_refused(R"({"type":"message"})", errc::bad_request, "message");
  expect_refused(R"({"type":"publish","data":1})", errc::bad_request, "topic");
  expect_refused(R"({"type":"publish","topic":"t"})", errc::bad_request, "data");
  for (const auto* name : {"topics", "topic", "channel"}) {
    expect_refused(R"({"type":"subscribe"})", errc::bad_request, name);
    expect_refused(R"({"type":"unsubscribe"})", errc::bad_request, name);
  }
}

TEST(client_frames, a_name_that_is_none_is_invalid_name) {
  const std::string too_long = '"' + std::string(129, 'n') + '"';
  for (const auto& f : strings) {
    if (f.name != std::string_view("room") && f.name != std::string_view("topic") &&
        f.name != std::string_view("channel"))
      continue;
    const bool may_be_pattern = std::string_view(f.frame).find("subscribe") != std::string::npos;
    for (const std::string wrong : {R"("")", R"("a b")", R"(".")", R"("a..b")", R"("a*")",
                                    R"(">.a")", R"("a\n")", R"("\u0000")", too_long.c_str()})
      expect_refused(with(f, wrong), errc::invalid_name, f.name);
    for (const std::string wild : {R"("*")", R"("a.>")"})
      if (may_be_pattern)
        frame_of(with(f, wild));
      else
        expect_refused(with(f, wild), errc::invalid_name, f.name);
  }
}

TEST(client_frames, a_pattern_has_no_position_and_no_presence) {
  EXPECT_THAT(body_of<client::subscribe>(R"({"type":"subscribe","topics":["a.*","b"]})").topics,
              ElementsAre("a.*", "b"));
  const std::string seen = R"({"epoch":"e","offset":1})";
  expect_refused(R"({"type":"subscribe","topic":"a.*","recover":{"a.*":)" + seen + "}}",
                 errc::bad_request, "recover.a.*");
  expect_refused(R"({"type":"subscribe","topic":"a.*","recover":{"a*":)" + seen + "}}",
                 errc::invalid_name, "recover{}");
  expect_refused(R"({"type":"subscribe","topics":["b","a.*"],"presence":true})", errc::bad_request,
                 "presence");
  frame_of(R"({"type":"subscribe","topic":"a.*","presence":false})");
  frame_of(R"({"type":"subscribe","topics":["a.*","b"],"recover":{"b":)" + seen + "}}");
}

TEST(client_frames, a_list_of_topics_names_the_element_that_is_wrong) {
  for (const std::string type : {"subscribe", "unsubscribe"}) {
    const auto text = [&](const std::string& list) {
      return R"({"type":")" + type + R"(","topics":)" + list + "}";
    };
    for (const auto* wrong : {"1", "true", R"("a")", "{}"})
      expect_refused(text(wrong), errc::bad_request, "topics");
    expect_refused(text("[]"), errc::bad_request, "topics");
    expect_refused(text(R"(["a",1])"), errc::bad_request, "topics[1]");
    expect_refused(text(R"([null])"), errc::bad_request, "topics[0]");
    expect_refused(text(R"(["a","b",["c"]])"), errc::bad_request, "topics[2]");
    expect_refused(text(R"(["a",""])"), errc::invalid_name, "topics[1]");
    expect_refused(text(R"(["a*"])"), errc::invalid_name, "topics[0]");
  }
}

TEST(client_frames, a_request_names_no_more_topics_than_a_connection_may_have) {
  const limits bounds{.topics_per_connection_max = 3};
  const auto list = [](const std::string& topics) {
    return R"({"type":"subscribe","topics":[)" + topics + "]}";
  };
  frame_of(list(R"("a","b","c")"), bounds);
  expect_refused(list(R"("a","b","c","d")"), errc::limit_exceeded, "topics", bounds);
}

TEST(client_frames, a_request_names_no_more_topics_than_are_read_in_one_turn) {
  const limits bounds{.frame_bytes_max = 1 << 20, .topics_per_connection_max = 65'536};
  const auto list = [](std::size_t count) {
    std::string topics;
    for (std::size_t i = 0; i < count; ++i)
      topics += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + '"';
    return R"({"type":"subscribe","topics":[)" + topics + "]}";
  };
  frame_of(list(1024), bounds);
  expect_refused(list(1025), errc::limit_exceeded, "topics", bounds);
}

TEST(client_frames, a_pattern_has_at_most_sixteen_parts) {
  const auto pattern = [](std::size_t parts) {
    std::string out = "*";
    for (std::size_t i = 1; i < parts; ++i)
      out += ".a";
    return R"({"type":"subscribe","topic":")" + out + "\"}";
  };
  frame_of(pattern(16));
  expect_refused(pattern(17), errc::invalid_name, "topic");
}

TEST(client_frames, user_msg_id_and_event_are_bounded) {
  const std::string text(128, 'x');
  const auto message = [](const std::string& user) {
    return R"({"type":"message","message":1,"user":")" + user + "\"}";
  };
  const auto publish = [](const std::string& key, const std::string& value) {
    return R"({"type":"publish","topic":"t","data":1,")" + key + "\":\"" + value + "\"}";
  };
  EXPECT_EQ(body_of<client::message>(message(text)).user, text);
  expect_refused(message(text + "x"), errc::bad_request, "user");
  expect_refused(message("a\\nb"), errc::bad_request, "user");
  expect_refused(message("a\\u007f"), errc::bad_request, "user");
  EXPECT_EQ(body_of<client::message>(message("")).user, "") << "no name is no name";
  EXPECT_EQ(body_of<client::publish>(publish("msg_id", text)).msg_id, text);
  expect_refused(publish("msg_id", text + "x"), errc::bad_request, "msg_id");
  expect_refused(publish("event", text.substr(0, 65)), errc::bad_request, "event");
  expect_refused(publish("event", ""), errc::bad_request, "event");
  expect_refused(publish("event", "message"), errc::bad_request, "event");
  expect_refused(publish("event", "a b"), errc::bad_request, "event");
}

TEST(client_frames, presence_is_wanted_or_not_or_left_as_it_is) {
  for (const auto& [field, wanted] : std::vector<std::pair<std::string, std::optional<bool>>>{
         {R"(,"presence":true)", true},
         {R"(,"presence":false)", false},
         {R"(,"presence":null)", std::nullopt},
         {"", std::nullopt}}) {
    EXPECT_EQ(body_of<client::join>(R"({"type":"join","room":"r")" + field + "}").presence, wanted);
    EXPECT_EQ(
      body_of<client::subscribe>(R"({"type":"subscribe","topic":"t")" + field + "}").presence,
      wanted);
  }
  expect_refused(R"({"type":"join","room":"r","presence":1})", errc::bad_request, "presence");
  expect_refused(R"({"type":"subscribe","topic":"t","presence":"true"})", errc::bad_request,
                 "presence");
}

TEST(client_frames, presence_asks_for_a_page) {
  const auto asked =
    body_of<client::presence>(R"({"type":"presence","topic":"t","limit":7,"after":"ux"})").asked;
  EXPECT_EQ(asked.kind, audience_kind::topic);
  EXPECT_EQ(asked.name, "t");
  EXPECT_EQ(asked.limit, 7u);
  EXPECT_EQ(asked.after, "ux");
  EXPECT_EQ(body_of<client::presence>(R"({"type":"presence","room":"r"})").asked.limit, 100u);
  expect_refused(R"({"type":"presence"})", errc::bad_request, "room");
  expect_refused(R"({"type":"presence","room":"r","limit":1001})", errc::bad_request, "limit");
  expect_refused(R"({"type":"presence","room":"r","after":1})", errc::bad_request, "after");
}

TEST(client_frames, a_state_is_an_object_and_bounded) {
  const auto frame = [](const std::string& state) {
    return R"({"type":"set_presence","room":"r","state":)" + state + "}";
  };
  const std::string kept = R"({ "a" : 1.0 })"; // the frame must outlive its slices
  const std::string text = frame(kept);
  EXPECT_EQ(body_of<client::set_presence>(text).state, kept);
  EXPECT_EQ(body_of<client::set_presence>(frame("null")).state, "");
  for (const auto* wrong : {"1", "true", R"("a")", "[]"})
    expect_refused(frame(wrong), errc::bad_request, "state");
  expect_refused(R"({"type":"set_presence","room":"r"})", errc::bad_request, "state");
  const limits bounds{.presence_state_bytes_max = kept.size()};
  frame_of(text, bounds);
  expect_refused(frame(kept + " "), errc::limit_exceeded, "state",
                 {.presence_state_bytes_max = kept.size() - 1});
}

} // namespace
} // namespace troupe
