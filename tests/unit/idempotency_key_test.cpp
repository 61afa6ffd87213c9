// The header `Idempotency-Key` of the server-side API.
#include "server/net/api_routes.hpp"
#include "server/net/idempotency_key.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

namespace http = boost::beast::http;

http_request call(const std::string& path, std::string body, const std::string& key = {}) {
  http_request out{http::verb::post, path, 11};
  out.body() = std::move(body);
  if (!key.empty())
    out.insert("idempotency-key", key);
  return out;
}

result<std::string> key_in(const std::string& value) {
  return idempotency_key(call("/", "", value), limits{});
}

api_request read(const http_request& request) {
  auto out =
    read_api_request(request, {request.target().data(), request.target().size()}, limits{});
  EXPECT_TRUE(out) << (out ? "" : out.error().body);
  return out ? std::move(*out) : api_request{};
}

http_response refused(const http_request& request) {
  auto out =
    read_api_request(request, {request.target().data(), request.target().size()}, limits{});
  EXPECT_FALSE(out);
  return out ? http_response{} : out.error();
}

TEST(idempotency_key, comes_plain_or_in_quotes) {
  EXPECT_EQ(idempotency_key(call("/", ""), limits{}).value(), "");
  EXPECT_EQ(key_in("8e03978e-40d5").value(), "8e03978e-40d5");
  EXPECT_EQ(key_in(R"("8e03978e-40d5")").value(), "8e03978e-40d5");
  EXPECT_EQ(key_in(R"("a\"b\\c")").value(), R"(a"b\c)");
  EXPECT_EQ(key_in(std::string(128, 'x')).value(), std::string(128, 'x'));
}

TEST(idempotency_key, that_is_of_no_use_is_an_error) {
  for (const auto& wrong : {std::string(R"("")"), std::string(R"("a)"), std::string(R"("a";b=1)"),
                            std::string(R"("a\x")"), std::string("a b"), std::string("\xc3\xa9"),
                            std::string(129, 'x'), std::string(R"("a\)")}) {
    const auto out = key_in(wrong);
    ASSERT_FALSE(out) << wrong;
    EXPECT_NE(out.error().message.find("'Idempotency-Key'"), std::string::npos);
  }
  auto twice = call("/", "", "a");
  twice.insert("Idempotency-Key", "a");
  EXPECT_EQ(idempotency_key(twice, limits{}).error().message, "'Idempotency-Key' is there twice");
}

TEST(idempotency_key, is_the_msg_id_of_what_is_said) {
  const auto topic =
    std::get<post>(read(call("/api/v1/publish", R"({"topic":"t","data":1})", "k")));
  EXPECT_EQ(topic.msg_id, "k");
  const auto room =
    std::get<post>(read(call("/api/v1/rooms/r/message", R"({"message":1})", "\"k\"")));
  EXPECT_EQ(room.msg_id, "k");
  const std::string both = R"({"topic":"t","data":1,"msg_id":"k"})";
  EXPECT_EQ(std::get<post>(read(call("/api/v1/publish", both, "k"))).msg_id, "k");
  const auto different = refused(call("/api/v1/publish", both, "other"));
  EXPECT_EQ(different.status, 400u);
  EXPECT_NE(different.body.find("'msg_id' and 'Idempotency-Key' are not the same"),
            std::string::npos);
}

TEST(idempotency_key, is_refused_where_a_call_would_be_carried_out_again) {
  for (const auto* path : {"/api/v1/announce", "/api/v1/users/u/send", "/api/v1/roles/r/send"}) {
    const auto out = refused(call(path, R"({"text":"x","message":1})", "k"));
    EXPECT_EQ(out.status, 400u) << path;
    EXPECT_NE(out.body.find("'Idempotency-Key'"), std::string::npos) << path;
  }
  read(call("/api/v1/users/u/disconnect", "", "k"));
  read(call("/api/v1/rooms/r/kick", R"({"user_id":"u"})", "k"));
  EXPECT_EQ(refused(call("/api/v1/publish", R"({"topic":"t","data":1})", "a b")).status, 400u);
}

} // namespace
} // namespace troupe
