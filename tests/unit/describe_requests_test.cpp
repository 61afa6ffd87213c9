// What the decoder takes is what the description of it says. Each request is played with all its
// fields and with those alone that it needs; each field with values of all sorts, and so is every
// field that the code knows at all: the two must agree on each.
#include "described_values.hpp"
#include "server/describe/protocol_schemas.hpp"
#include "tests/schema_check.hpp"
#include "troupe/wire/client_frames.hpp"

#include <gtest/gtest.h>

#include <set>

namespace troupe {
namespace {

using nlohmann::json;
using namespace test;

json request_schemas() {
  descriptions::texts words;
  return descriptions::describe_protocol(words).schemas;
}

bool takes(const json& request) {
  const auto text = request.dump();
  const auto frame = decode(text, limits{});
  if (!frame)
    return false;
  const auto* command = std::get_if<client::admin_command>(&frame->body);
  return !command || command->what.has_value();
}

// What no schema says: that one field goes with another, and what people are called.
bool beyond_schemas(const json& request) {
  const auto& r = request;
  const auto named = r.value("topics", json()).is_null() + r.value("topic", json()).is_null() +
                     r.value("channel", json()).is_null();
  if (r.at("type").get<std::string>().ends_with("subscribe") && named < 2)
    return true; // the first counts, and nobody looks at the others
  if (r.value("type", json()) == "subscribe" && r.contains("recover") &&
      r.at("recover").is_object() && !r.at("recover").empty())
    return !r.at("recover").contains("abc") || r.dump().find(R"("abc"])") == std::string::npos;
  if (r.value("type", json()) == "subscribe" && r.contains("presence"))
    return r.dump().find("*\"") != std::string::npos;
  return r.contains("address") && r.at("address").is_string() && r.at("address") != "192.0.2.1";
}

class comparison {
public:
  comparison() : all_(request_schemas()), check_(all_), keys_(keys_in_the_code()) {
    for (const auto& [name, schema] : all_.items())
      if (name.ends_with("Request") || name.ends_with("Command"))
        if (schema.contains("properties")) {
          requests_.push_back(name);
          for (const auto& [key, field] : schema.at("properties").items())
            keys_.insert(key);
        }
  }

  void compare_all() {
    for (const auto& name : requests_) {
      std::set<json> good;
      for (std::size_t choice = 0; choice < 3; ++choice)
        for (const bool everything : {true, false})
          good.insert(request_with(all_, all_.at(name), everything, choice));
      for (const auto& each : good)
        compare(name, each, each == *good.begin());
    }
    EXPECT_GT(compared_, 20'000u);
    EXPECT_GT(refused_, 10'000u) << "too few of them are wrong";
  }

private:
  void compare(const std::string& name, const json& good, bool strangers_too) {
    EXPECT_TRUE(takes(good)) << good;
    EXPECT_EQ(check_.complaint(name, good), "");
    for (const auto& key : keys_) {
      if (key == "type" || key == "command")
        continue;
      if (good.contains(key)) {
        auto less = good;
        less.erase(key);
        agree(name, less);
      }
      const bool known = all_.at(name).at("properties").contains(key);
      if (!known && !strangers_too)
        continue;
      for (const auto& value : known ? values_ : strange_) {
        auto other = good;
        other[key] = value;
        agree(name, other);
      }
    }
  }

  void agree(const std::string& name, const json& request) {
    if (beyond_schemas(request))
      return;
    ++compared_;
    const auto complaint = check_.complaint(name, without_nulls(request));
    refused_ += complaint.empty() ? 0 : 1;
    EXPECT_EQ(takes(request), complaint.empty()) << name << ' ' << request << ' ' << complaint;
  }

  const json all_;
  schema_check check_;
  std::vector<std::string> requests_;
  std::set<std::string> keys_;
  const std::vector<json> values_ = all_sorts();
  const std::vector<json> strange_ = strange_values();
  std::size_t compared_ = 0;
  std::size_t refused_ = 0;
};

TEST(describe_requests, the_decoder_takes_what_the_description_says) {
  comparison().compare_all();
}

} // namespace
} // namespace troupe
