// JSON schemas as the descriptions of the protocol have them: in the words that both JSON Schema
// draft 7 (AsyncAPI) and 2020-12 (OpenAPI) know. Pure.
#pragma once

#include "server/describe/texts.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe::descriptions {

using json = nlohmann::ordered_json; ///< fields stay in their order

/// `joined`, `Frame` → `JoinedFrame`: what schemas and types are called.
std::string schema_name(std::string_view name, std::string_view suffix);

json reference(std::string_view schema);
/// The schema's name; empty where `schema` is no reference.
std::string referred(const json& schema);
json text_schema(std::size_t bytes_min = 0, std::size_t bytes_max = 0);
json number_schema();
json flag_schema();
json list_of(json elements);
json constant(std::string_view value);
/// With a text that says what it is. A reference keeps its target.
json told(json schema, std::string text);

/// An object whose fields are told by `owner`, such as `request.join`, and their own names.
class object_schema {
public:
  object_schema(texts& words, std::string owner);

  object_schema& needs(std::string_view key, json schema) {
    return add(key, std::move(schema), true);
  }
  object_schema& may_have(std::string_view key, json schema) {
    return add(key, std::move(schema), false);
  }
  object_schema& add(std::string_view key, json schema, bool needed);
  /// A constant, which needs no words.
  object_schema& is(std::string_view key, std::string_view value);
  /// Has more fields than these, which nobody knows here.
  object_schema& has_more();
  object_schema& with(std::string_view word, json value);
  json done() &&;

private:
  texts& words_;
  const std::string owner_;
  json schema_;
  json needed_ = json::array();
};

} // namespace troupe::descriptions
