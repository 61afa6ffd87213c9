// Calls of services: who may, what travels, what comes back. The parts that are pure.
#include "server/config/load_config.hpp"
#include "troupe/bus/caller_headers.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/rpc_frames.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace troupe;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

namespace {

identity person(std::vector<std::string> roles, std::vector<std::string> permissions = {}) {
  return {"u1", "User", std::move(roles), std::move(permissions), {}, {}};
}

// What came back, or `code: message`.
std::string read(std::string_view answer, std::size_t bytes_max = 1'000'000) {
  const auto result = read_rpc_answer(answer, bytes_max);
  return result ? std::string(*result)
                : std::string(to_string(result.error().code)) + ": " + result.error().message;
}

std::string errors_of(const std::string& text) {
  std::string out;
  for (const auto& error : load_config_text(text, "f").errors)
    out += to_string(error) + '\n';
  return out;
}

} // namespace

TEST(rpc_names, are_one_token_of_a_subject) {
  for (const char* good : {"a", "orders", "Order_2-b", "0"}) {
    EXPECT_TRUE(valid_rpc_name(good)) << good;
    EXPECT_TRUE(valid_subject(std::string(good) + ".rpc." + good)) << good;
  }
  EXPECT_TRUE(valid_rpc_name(std::string(64, 'x')));
  for (const std::string& bad :
       {std::string(), std::string("a.b"), std::string("*"), std::string(">"), std::string("a b"),
        std::string("a\r\nPUB x 0"), std::string("a\0b", 3), std::string("$SRV"), std::string("ä"),
        std::string("a\t"), std::string("a:b"), std::string(65, 'x'), std::string(10'240, 'x')})
    EXPECT_FALSE(valid_rpc_name(bad)) << bad;
}

TEST(rpc_names, a_frame_with_others_is_refused) {
  for (const std::string& bad :
       {std::string("a.b"), std::string("*"), std::string(">"), std::string("a b"),
        std::string("a\r\nPUB x 0\r\n"), std::string(10'240, 'x'), std::string("")})
    for (const char* field : {"service", "method"}) {
      json frame{{"type", "rpc"}, {"service", "s"}, {"method", "m"}, {"id", 3}};
      frame[field] = bad;
      const auto decoded = decode(frame.dump(), {});
      ASSERT_FALSE(decoded) << frame;
      EXPECT_EQ(decoded.error().error.code, errc::invalid_name);
      EXPECT_THAT(decoded.error().error.message, HasSubstr(field));
      EXPECT_EQ(decoded.error().id, "3");
    }
}

TEST(rpc_names, params_are_an_object_or_nothing) {
  const auto params = [](const std::string& rest) {
    const auto text = R"({"type":"rpc","service":"s","method":"m")" + rest + "}";
    const auto frame = decode(text, {});
    return frame ? std::string(std::get<client::rpc>(frame->body).params) : "refused";
  };
  EXPECT_EQ(params(""), "{}");
  EXPECT_EQ(params(R"(,"params":null)"), "{}");
  EXPECT_EQ(params(R"(,"params": {"a" : [1]})"), R"({"a" : [1]})");
  for (const char* wrong : {"[]", "1", "\"{}\"", "true"})
    EXPECT_EQ(params(std::string(R"(,"params":)") + wrong), "refused") << wrong;
}

TEST(rpc_rules, the_first_one_that_lets_the_caller_counts) {
  const rpc_rules rules({{.service = "orders", .method = "create", .roles = {"customer"}},
                         {.service = "orders", .method = "*", .roles = {"staff"}},
                         {.service = "orders", .method = "audit", .permission = "orders:audit"},
                         {.service = "help", .method = "ask"},
                         {.service = "public", .method = "*", .anonymous = true}});
  const auto customer = person({"customer"}), staff = person({"staff", "customer"}),
             auditor = person({}, {"orders:audit"});
  const auto& all = rules.all();
  EXPECT_EQ(rules.find("orders", "create", &customer), &all[0]);
  EXPECT_EQ(rules.find("orders", "create", &staff), &all[0]);
  EXPECT_EQ(rules.find("orders", "remove", &staff), &all[1]);
  EXPECT_EQ(rules.find("orders", "remove", &customer), nullptr);
  EXPECT_EQ(rules.find("orders", "audit", &auditor), &all[2]);
  EXPECT_EQ(rules.find("orders", "create", &auditor), nullptr);
  EXPECT_EQ(rules.find("orders", "create", nullptr), nullptr);
  EXPECT_EQ(rules.find("help", "ask", &auditor), &all[3]);
  EXPECT_EQ(rules.find("help", "ask", nullptr), nullptr);
  EXPECT_EQ(rules.find("public", "anything", nullptr), &all[4]);
  EXPECT_EQ(rules.find("public", "anything", &auditor), &all[4]);
  EXPECT_EQ(rules.find("stock", "*", &staff), nullptr);
  EXPECT_EQ(rules.find("*", "create", &staff), nullptr);
}

TEST(caller_headers, no_value_can_end_its_line_or_its_place_in_a_list) {
  identity who = person({"a,b", "c\r\nX: 1", "plain"});
  who.user_id = "Ann Lee\r\nTroupe-Roles: admin\xc3\xa9%";
  const auto headers = caller_headers("abc234", &who);
  ASSERT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers[0].first, "Troupe-Connection");
  EXPECT_EQ(headers[0].second, "abc234");
  EXPECT_EQ(headers[1].first, "Troupe-User");
  EXPECT_EQ(headers[1].second, "Ann%20Lee%0D%0ATroupe-Roles:%20admin%C3%A9%25");
  EXPECT_EQ(headers[2].first, "Troupe-Roles");
  EXPECT_EQ(headers[2].second, "a%2Cb,c%0D%0AX:%201,plain");
}

TEST(caller_headers, who_has_no_token_has_no_user) {
  const auto headers = caller_headers("abc234", nullptr);
  ASSERT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers[0].second, "abc234");
  const auto nobody = person({});
  EXPECT_EQ(caller_headers({}, &nobody).size(), 2u);
}

TEST(rpc_answer, the_result_is_passed_on_as_it_was_written) {
  EXPECT_EQ(read(R"({"success":true,"result": {"a" : 1.50} ,"timestamp":"x"})"), R"({"a" : 1.50})");
  EXPECT_EQ(read(R"({"result":"text"})"), R"("text")");
  EXPECT_EQ(read(R"({"result":null,"error":null})"), "null");
}

TEST(rpc_answer, an_error_of_the_service_keeps_its_text) {
  EXPECT_EQ(read(R"({"error":"out of stock","timestamp":"x"})"), "internal: out of stock");
  EXPECT_EQ(read(R"({"error":"Unknown method: nope","success":false})"),
            "not_found: Unknown method: nope");
  EXPECT_EQ(read(R"({"error":"refused: not today"})"),
            "insufficient_permissions: refused: not today");
  EXPECT_EQ(read(R"({"error":"validation failed"})"), "bad_request: validation failed");
  EXPECT_EQ(read(R"({"error":"validation failed","details":[{"loc":["items",0,"amount"],)"
                 R"("msg":"Input should be a number"},{"loc":["b"],"msg":"no"}]})"),
            "bad_request: validation failed: items.0.amount: Input should be a number");
  EXPECT_EQ(read(R"({"error":"validation failed","details":[7]})"),
            "bad_request: validation failed");
  EXPECT_EQ(read(R"({"error":{"code":7}})"), R"(internal: {"code":7})");
}

TEST(rpc_answer, a_long_text_is_cut_between_characters) {
  std::string text;
  for (int i = 0; i < 400; ++i)
    text += "\xc3\xa9";
  const auto shown = read(json{{"error", "x" + text}}.dump());
  EXPECT_LE(shown.size(), 520u);
  EXPECT_NO_THROW(json(shown).dump()) << "valid UTF-8";
}

TEST(rpc_answer, details_without_end_are_cut) {
  std::string steps = "\"a\"";
  for (int i = 0; i < 1000; ++i)
    steps += ",\"" + std::string(500, 'x') + '"';
  EXPECT_LE(
    read(R"({"error":"validation failed","details":[{"loc":[)" + steps + R"(],"msg":"no"}]})")
      .size(),
    600u);
}

TEST(rpc_answer, what_is_no_answer_is_internal) {
  for (const char* wrong : {"", "[]", "7", "{", "{}", R"({"results":1})", "{\"result\":\"\xff\"}"})
    EXPECT_THAT(read(wrong), testing::StartsWith("internal: The service's answer")) << wrong;
  EXPECT_EQ(read(R"({"result":1})", 11), "internal: The service's answer is too long");
}

TEST(rpc_section, a_table_with_every_key_and_one_with_few) {
  const auto loaded = load_config_text(R"(
[[rpc.allow]]
service = "orders"
method = "create"
roles = ["customer", "staff"]
permission = "orders:create"
per_minute = 0
timeout_seconds = 0.5
[[rpc.allow]]
service = "help"
method = "*"
anonymous = true
)",
                                       "f");
  ASSERT_TRUE(loaded.value) << to_string(loaded.errors.front());
  const auto& rules = loaded.value->rpc_allow;
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].service, "orders");
  EXPECT_EQ(rules[0].method, "create");
  EXPECT_THAT(rules[0].roles, testing::ElementsAre("customer", "staff"));
  EXPECT_EQ(rules[0].permission, "orders:create");
  EXPECT_EQ(rules[0].per_minute, 0u);
  EXPECT_EQ(rules[0].timeout, 500ms);
  EXPECT_FALSE(rules[0].anonymous);
  EXPECT_EQ(rules[1].method, "*");
  EXPECT_TRUE(rules[1].anonymous);
  EXPECT_EQ(rules[1].per_minute, 60u);
  EXPECT_EQ(rules[1].timeout, 5s);
}

TEST(rpc_section, what_is_wrong_is_said_with_its_place) {
  EXPECT_EQ(errors_of("[[rpc.allow]]\nservice = 'a.b'\nmethod = '>'"),
            "f:2:11: rpc.allow[0].service: expected a name of 1 to 64 of A-Z a-z 0-9 _ -, got "
            "\"a.b\"\n"
            "f:3:10: rpc.allow[0].method: expected \"*\" or a name of 1 to 64 of A-Z a-z 0-9 _ -, "
            "got \">\"\n");
  EXPECT_THAT(errors_of("[[rpc.allow]]\nmethod = 'm'"), HasSubstr("rpc.allow[0].service"));
  EXPECT_THAT(errors_of("[[rpc.allow]]\nservice = '*'\nmethod = 'm'"),
              HasSubstr("rpc.allow[0].service"));
  const std::string good = "[[rpc.allow]]\nservice = 's'\nmethod = 'm'\n";
  EXPECT_EQ(errors_of(good), "");
  EXPECT_THAT(errors_of(good + "roles = 'x'"), HasSubstr("rpc.allow[0].roles: expected a list"));
  EXPECT_THAT(errors_of(good + "roles = [1]"), HasSubstr("rpc.allow[0].roles"));
  EXPECT_THAT(errors_of(good + "roles = []"), HasSubstr("rpc.allow[0].roles"));
  EXPECT_THAT(errors_of(good + "timeout_seconds = 0"), HasSubstr("rpc.allow[0].timeout_seconds"));
  EXPECT_THAT(errors_of(good + "rate = 1"), HasSubstr("rpc.allow[0].rate: unknown key"));
  EXPECT_THAT(errors_of(good + "roles = ['a']\nanonymous = true"),
              HasSubstr("rpc.allow[0].anonymous"));
  EXPECT_THAT(errors_of("[rpc]\nallow = 1"), HasSubstr("f:2:9: rpc.allow: expected tables"));
  EXPECT_THAT(errors_of("rpc = 1"), HasSubstr("rpc: expected tables"));
  EXPECT_THAT(errors_of("[rpc]\nallows = 1"), HasSubstr("rpc.allows: unknown key"));
}
