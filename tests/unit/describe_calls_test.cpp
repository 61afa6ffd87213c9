// What the routes of the API take is what the description of the calls says: bodies and parameters.
#include "described_values.hpp"
#include "server/describe/descriptions.hpp"
#include "server/net/api_routes.hpp"
#include "server/net/request_target.hpp"
#include "server/text/url.hpp"
#include "tests/schema_check.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

namespace http = boost::beast::http;
using namespace test;

json description() {
  descriptions::texts words;
  return descriptions::openapi(words);
}

struct operation {
  http::verb method;
  std::string path;
  json what;
};

std::vector<operation> operations(const json& all) {
  std::vector<operation> out;
  for (const auto& [path, methods] : all.at("paths").items())
    for (const auto& [method, what] : methods.items())
      if (path.starts_with("/api/"))
        out.push_back({method == "post"  ? http::verb::post
                       : method == "get" ? http::verb::get
                                         : http::verb::delete_,
                       path, what});
  return out;
}

std::string filled(std::string path) {
  const auto from = path.find('{');
  if (from == std::string::npos)
    return path;
  const bool address = path.find("{address}") != std::string::npos;
  return path.replace(from, path.find('}') + 1 - from, address ? "192.0.2.1" : "abc");
}

bool takes(const operation& call, const std::string& query, const std::string& body) {
  const auto path = filled(call.path);
  http_request request{call.method, path + query, 11};
  request.body() = body;
  return read_api_request(request, path, limits{}).has_value();
}

// What a body may be besides; empty: the call takes none.
std::string good_body(const json& all, const json& call) {
  if (!call.contains("requestBody"))
    return {};
  const auto& schema = call.at("requestBody").at("content").at("application/json").at("schema");
  return request_with(all.at("components").at("schemas"), schema, false, 0).dump();
}

TEST(describe_calls, a_body_is_what_the_description_says) {
  const auto all = description();
  auto schemas = all.at("components").at("schemas");
  const auto keys = keys_in_the_code();
  std::size_t compared = 0;
  for (const auto& call : operations(all)) {
    if (!call.what.contains("requestBody"))
      continue;
    schemas["Body"] = call.what.at("requestBody").at("content").at("application/json").at("schema");
    schema_check check(schemas);
    const auto agree = [&](const json& body) {
      ++compared;
      const auto complaint = check.complaint("Body", without_nulls(body));
      EXPECT_EQ(takes(call, "", body.dump()), complaint.empty())
        << call.path << ' ' << body << ' ' << complaint;
    };
    for (std::size_t choice = 0; choice < 2; ++choice)
      for (const bool everything : {true, false}) {
        const auto good = request_with(schemas, schemas.at("Body"), everything, choice);
        agree(good);
        for (const auto& [key, field] : schemas.at("Body").at("properties").items()) {
          auto less = good;
          less.erase(key);
          agree(less);
          for (const auto& value : all_sorts())
            if (key != "address") { // of which the schema knows no more than that it is a text
              auto other = good;
              other[key] = value;
              agree(other);
            }
        }
        for (const auto& key : keys)
          if (!schemas.at("Body").at("properties").contains(key))
            for (const auto& value : strange_values()) {
              auto more = good;
              more[key] = value;
              agree(more);
            }
      }
    EXPECT_EQ(takes(call, "", ""), !call.what.at("requestBody").at("required").get<bool>());
  }
  EXPECT_GT(compared, 3'000u);
}

TEST(describe_calls, a_parameter_is_what_the_description_says) {
  const auto all = description();
  std::size_t compared = 0;
  for (const auto& call : operations(all)) {
    const auto body = good_body(all, call.what);
    EXPECT_TRUE(takes(call, "", body)) << call.path;
    for (const auto& parameter : call.what.value("parameters", json::array())) {
      if (parameter.at("in") != "query")
        continue;
      const auto name = parameter.at("name").get<std::string>();
      schema_check check(json{{"Parameter", parameter.at("schema")}});
      const bool number = parameter.at("schema").at("type") == "integer";
      for (const std::string text : {"0", "1", "100", "1000", "1001", "-1", "1.5", "x", "a%20b"}) {
        ++compared;
        const auto value = number && json::accept(text) ? json::parse(text) : json(text);
        EXPECT_EQ(takes(call, "?" + name + "=" + text, body),
                  check.complaint("Parameter", value).empty())
          << call.path << '?' << name << '=' << text;
      }
    }
  }
  EXPECT_GT(compared, 150u);
}

TEST(describe_calls, every_route_is_described_and_nothing_else) {
  std::set<std::string> described, there;
  for (const auto& call : operations(description()))
    described.insert(std::string(http::to_string(call.method)) + " " + call.path);
  for (const auto& each : api_paths())
    there.insert(std::string(each.allowed == methods::post  ? "POST "
                             : each.allowed == methods::del ? "DELETE "
                                                            : "GET ") +
                 std::string(each.shown));
  EXPECT_EQ(described, there);
}

} // namespace
} // namespace troupe
