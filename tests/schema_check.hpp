// Whether a value is what a schema of the project's descriptions says: the few words of JSON Schema
// that they use, and an error for any other.
//
// Checked *closed*, an object may have no field that its schema does not name, so that what the
// server writes and a description does not know is found.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe::test {

class schema_check {
public:
  using json = nlohmann::json;

  /// `schemas` by their names, as in `components`.
  explicit schema_check(json schemas, bool closed = false)
    : schemas_(std::move(schemas)),
      closed_(closed) {}

  /// What is wrong with it; or empty.
  std::string complaint(const std::string& schema, const json& value) {
    return at(schemas_.at(schema), value, schema);
  }

  /// `Schema.field` of all that was there in values without a complaint.
  const std::set<std::string>& seen() const { return seen_; }

private:
  std::string at(const json& schema, const json& value, const std::string& place) {
    for (const auto& [word, what] : schema.items())
      if (auto wrong = check(schema, word, what, value, place); !wrong.empty())
        return wrong;
    return {};
  }

  std::string check(const json& schema, const std::string& word, const json& what,
                    const json& value, const std::string& place) {
    const auto fail = [&] {
      return place + ": " + value.dump() + " is not " + word + " " + what.dump();
    };
    const auto ok = [&](bool is) { return is ? std::string() : fail(); };
    if (word == "description" || word == "format")
      return {};
    if (word == "additionalProperties")
      return what.is_object() ? others_fit(what, value, place) : std::string();
    if (word == "$ref") {
      const auto name = what.get<std::string>().substr(std::string("#/components/schemas/").size());
      return at(schemas_.at(name), value, name);
    }
    if (word == "type")
      return ok(has_type(what, value));
    if (word == "const")
      return ok(value == what);
    if (word == "enum")
      return ok(std::find(what.begin(), what.end(), value) != what.end());
    if (word == "allOf")
      return at(what.at(0), value, place);
    if (word == "oneOf")
      return ok(fitting(what, value, place) == 1);
    if (word == "anyOf")
      return ok(fitting(what, value, place) > 0);
    if (word == "not")
      return ok(!at(what, value, place).empty());
    static const std::set<std::string> words{
      "required", "properties", "maxProperties", "items",   "minItems", "maxItems",
      "pattern",  "minLength",  "maxLength",     "minimum", "maximum"};
    if (!words.contains(word))
      throw std::logic_error("a word of JSON Schema that nobody checks: " + word);
    return value.is_object()   ? of_object(schema, word, what, value, place)
           : value.is_array()  ? of_array(word, what, value, place)
           : value.is_string() ? ok(text_fits(word, what, value.get<std::string>()))
                               : ok(number_fits(word, what, value));
  }

  static bool has_type(const json& type, const json& value) {
    if (type.is_array())
      return std::any_of(type.begin(), type.end(),
                         [&](const json& each) { return has_type(each, value); });
    const auto& name = type.get_ref<const std::string&>();
    return name == "string"    ? value.is_string()
           : name == "integer" ? value.is_number_integer()
           : name == "object"  ? value.is_object()
           : name == "array"   ? value.is_array()
           : name == "boolean" ? value.is_boolean()
           : name == "number"  ? value.is_number()
                               : name == "null" && value.is_null();
  }

  int fitting(const json& schemas, const json& value, const std::string& place) {
    int out = 0;
    for (const auto& each : schemas)
      out += at(each, value, place).empty() ? 1 : 0;
    return out;
  }

  std::string of_object(const json& schema, const std::string& word, const json& what,
                        const json& value, const std::string& place) {
    if (word == "required") {
      for (const auto& key : what)
        if (!value.contains(key.get<std::string>()))
          return place + ": " + value.dump() + " has no " + key.dump();
    } else if (word == "maxProperties") {
      return value.size() <= what.get<std::size_t>() ? std::string() : place + ": too many";
    } else if (word == "properties") {
      return fields_fit(schema, what, value, place);
    }
    return {};
  }

  std::string fields_fit(const json& schema, const json& known, const json& value,
                         const std::string& place) {
    const json more = schema.value("additionalProperties", json(!closed_));
    for (const auto& [key, field] : value.items()) {
      const auto found = known.find(key);
      if (found == known.end() && more == json(false))
        return place + ": nobody knows the field " + key + " of " + value.dump();
      if (found != known.end())
        if (auto wrong = at(*found, field, place + "." + key); !wrong.empty())
          return wrong;
    }
    for (const auto& [key, field] : value.items())
      seen_.insert(place + "." + key);
    return {};
  }

  // An object without fields of its own: by name, say.
  std::string others_fit(const json& schema, const json& value, const std::string& place) {
    for (const auto& each : value)
      if (auto wrong = at(schema, each, place + ".*"); !wrong.empty())
        return wrong;
    return {};
  }

  std::string of_array(const std::string& word, const json& what, const json& value,
                       const std::string& place) {
    if (word == "minItems" || word == "maxItems") {
      const bool fits = word == "minItems" ? value.size() >= what.get<std::size_t>()
                                           : value.size() <= what.get<std::size_t>();
      return fits ? std::string() : place + ": so many";
    }
    if (word == "items")
      for (const auto& each : value)
        if (auto wrong = at(what, each, place + "[]"); !wrong.empty())
          return wrong;
    return {};
  }

  bool text_fits(const std::string& word, const json& what, const std::string& text) {
    if (word == "pattern")
      return std::regex_search(text, pattern(what.get<std::string>()));
    if (word == "minLength")
      return text.size() >= what.get<std::size_t>();
    return word != "maxLength" || text.size() <= what.get<std::size_t>();
  }

  static bool number_fits(const std::string& word, const json& what, const json& value) {
    if (!value.is_number() || (word != "minimum" && word != "maximum"))
      return true;
    return word == "minimum" ? value >= what : value <= what;
  }

  const std::regex& pattern(const std::string& text) {
    const auto found = patterns_.find(text);
    return found != patterns_.end() ? found->second
                                    : patterns_.emplace(text, std::regex(text)).first->second;
  }

  const json schemas_;
  const bool closed_;
  std::map<std::string, std::regex> patterns_;
  std::set<std::string> seen_;
};

} // namespace troupe::test
