// Values to try on what reads requests: good ones, as a schema has them, and of all sorts.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace troupe::test {

using nlohmann::json;

// A field that is null counts as left out, but for these.
inline json without_nulls(const json& request) {
  const std::set<std::string> may_be_null{"message", "content", "data", "state"};
  json out = json::object();
  for (const auto& [key, value] : request.items())
    if (!value.is_null() || may_be_null.contains(key))
      out[key] = value;
  return out;
}

// -- good values -------------------------------------------------------------------------------------

inline json good_value(const json& all, const json& schema, const std::string& key) {
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
inline json request_with(const json& all, const json& schema, bool everything, std::size_t choice) {
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

inline std::vector<json> all_sorts() {
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

// Whatever the code that reads requests may ask for, be it described or not: every word in quotes
// there that could be a key.
inline std::set<std::string> keys_in_the_code() {
  static const std::regex word("\"([a-z_]{1,30})\"");
  const std::filesystem::path wire(TROUPE_SOURCE_DIR "/libactors/troupe/wire");
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(wire)) {
    std::ifstream in(entry.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    for (std::sregex_iterator each(text.begin(), text.end(), word), end; each != end; ++each)
      out.insert((*each)[1]);
  }
  return out;
}

// For fields that nobody should read.
inline std::vector<json> strange_values() {
  return {json(true), json(-1), json("a b"), json::array(), json::object()};
}

} // namespace troupe::test
