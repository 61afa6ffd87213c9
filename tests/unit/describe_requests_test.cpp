// What the decoder takes is what the description of it says. Each request is played with all its
// fields and with those alone that it needs; each field with values of all sorts, and so is every
// field that other requests have: the two must agree on each.
#include "server/describe/protocol_schemas.hpp"
#include "tests/schema_check.hpp"
#include "troupe/wire/client_frames.hpp"

#include <gtest/gtest.h>

#include <set>

namespace troupe {
namespace {

using nlohmann::json;
using test::schema_check;

json schemas() {
  describe::texts words;
  return describe::describe_protocol(words).schemas;
}

bool takes(const json& request) {
  const auto text = request.dump();
  const auto frame = decode(text, limits{});
  if (!frame)
    return false;
  const auto* command = std::get_if<client::admin_command>(&frame->body);
  return !command || command->what.has_value();
}

// A field that is null counts as left out, but for these.
json without_nulls(const json& request) {
  const std::set<std::string> may_be_null{"message", "content", "data", "state"};
  json out = json::object();
  for (const auto& [key, value] : request.items())
    if (!value.is_null() || may_be_null.contains(key))
      out[key] = value;
  return out;
}

// -- good values -------------------------------------------------------------------------------------

json good_value(const json& all, const json& schema, const std::string& key) {
  if (schema.contains("allOf"))
    return good_value(all, schema.at("allOf").front(), key);
  if (schema.contains("$ref"))
    return good_value(all,
                      all.at(schema.at("$ref").get<std::string>().substr(
                        std::string("#/components/schemas/").size())),
                      key);
  if (schema.contains("const"))
    return schema.at("const");
  if (schema.contains("oneOf"))
    return good_value(all, schema.at("oneOf").front(), key);
  const auto type = schema.value("type", json("any"));
  if (type.is_array() || (type == "object" && !schema.contains("properties")))
    return json::object();
  if (type == "object") {
    json out = json::object();
    for (const auto& [inner, each] : schema.at("properties").items())
      out[inner] = good_value(all, each, inner);
    return out;
  }
  if (type == "array")
    return json::array({good_value(all, schema.at("items"), key)});
  if (type == "integer")
    return std::max(schema.value("minimum", 7), 7);
  return type == "boolean" ? json(true) : json(key == "address" ? "192.0.2.1" : "abc");
}

// Of fields of which one alone may be there, this one.
json request_with(const json& all, const json& schema, bool everything, std::size_t choice) {
  std::set<std::string> left_out, chosen;
  for (const auto* word : {"oneOf", "anyOf"})
    if (schema.contains(word)) {
      const auto& keys = schema.at(word);
      for (std::size_t i = 0; i < keys.size(); ++i)
        (i == choice % keys.size() ? chosen : left_out)
          .insert(keys[i].at("required").front().get<std::string>());
    }
  if (schema.contains("not")) {
    const auto& keys = schema.at("not").at("required");
    left_out.insert(keys[choice % keys.size()].get<std::string>());
  }
  json out = json::object();
  const auto needed = schema.value("required", json::array());
  for (const auto& [key, field] : schema.at("properties").items()) {
    const bool needs = std::find(needed.begin(), needed.end(), key) != needed.end();
    if (needs || chosen.contains(key) || (everything && !left_out.contains(key)))
      out[key] = good_value(all, field, key);
  }
  return out;
}

// -- values of all sorts -----------------------------------------------------------------------------

std::vector<json> all_sorts() {
  const json seen{{"epoch", "e"}, {"offset", 1}};
  return {json(),
          json(true),
          json(-1),
          json(0),
          json(1),
          json(999),
          json(1'500),
          json(40'000'000),
          json(3'000'000'000),
          json(1.5),
          json(""),
          json("a"),
          json("a.b"),
          json("a..b"),
          json("a b"),
          json("a.*"),
          json("192.0.2.1"),
          json("publication"),
          json("notification"),
          json("joined"),
          json(std::string(65, 'a')),
          json(std::string(127, 'a')),
          json(std::string(129, 'a')),
          json(std::string(513, 'a')),
          json(std::string(8193, 'a')),
          json::array(),
          json::array({"abc"}),
          json::array({"a b"}),
          json::array({1}),
          json::array({"abc", "b.*"}),
          json::object(),
          json{{"role", "staff"}},
          json{{"role", "staff"}, {"more", 1}},
          json{{"role", 1}},
          seen,
          json{{"epoch", 1}, {"offset", 1}},
          json{{"epoch", "e"}, {"offset", -1}},
          json{{"epoch", "e"}},
          json{{"abc", seen}},
          json{{"abc", 1}},
          json{{"a b", seen}}};
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
  comparison() : all_(schemas()), check_(all_) {
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
        compare(name, each);
    }
    EXPECT_GT(compared_, 15'000u);
    EXPECT_GT(refused_, compared_ / 4) << "too few of them are wrong";
  }

private:
  void compare(const std::string& name, const json& good) {
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
  const std::vector<json> strange_{json(true), json(-1), json("a b"), json::array(),
                                   json::object()};
  std::size_t compared_ = 0;
  std::size_t refused_ = 0;
};

TEST(describe_requests, the_decoder_takes_what_the_description_says) {
  comparison().compare_all();
}

} // namespace
} // namespace troupe
