#include "server/describe/json_schema.hpp"

#include <cctype>

namespace troupe::descriptions {

namespace {

constexpr std::string_view place = "#/components/schemas/";

} // namespace

std::string schema_name(std::string_view name, std::string_view suffix) {
  std::string out;
  bool begins = true;
  for (const char c : name) {
    if (c == '_')
      begins = true;
    else
      out += std::exchange(begins, false)
               ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
               : c;
  }
  return out.append(suffix);
}

json reference(std::string_view schema) {
  return {{"$ref", std::string(place) + std::string(schema)}};
}

std::string referred(const json& schema) {
  const auto target = schema.value("$ref", "");
  return target.starts_with(place) ? target.substr(place.size()) : std::string();
}

json text_schema(std::size_t bytes_min, std::size_t bytes_max) {
  json out{{"type", "string"}};
  if (bytes_min > 0)
    out["minLength"] = bytes_min;
  if (bytes_max > 0)
    out["maxLength"] = bytes_max;
  return out;
}

json number_schema() {
  return {{"type", "integer"}, {"minimum", 0}};
}

json flag_schema() {
  return {{"type", "boolean"}};
}

json list_of(json elements) {
  return {{"type", "array"}, {"items", std::move(elements)}};
}

json constant(std::string_view value) {
  return {{"type", "string"}, {"const", value}};
}

// In draft 7 nothing beside a reference counts.
json told(json schema, std::string text) {
  json out = json::object();
  if (!text.empty())
    out["description"] = std::move(text);
  if (schema.contains("$ref"))
    out["allOf"] = json::array({std::move(schema)});
  else
    out.update(schema);
  return out;
}

object_schema::object_schema(texts& words, std::string owner)
  : words_(words),
    owner_(std::move(owner)),
    schema_{{"description", words.of(owner_)}, {"type", "object"}, {"properties", json::object()}} {
}

object_schema& object_schema::add(std::string_view key, json schema, bool needed) {
  schema_["properties"][std::string(key)] = told(std::move(schema), words_.of(owner_, key));
  if (needed)
    needed_.push_back(key);
  return *this;
}

object_schema& object_schema::is(std::string_view key, std::string_view value) {
  schema_["properties"][std::string(key)] = constant(value);
  needed_.push_back(key);
  return *this;
}

object_schema& object_schema::has_more() {
  schema_["additionalProperties"] = true;
  return *this;
}

object_schema& object_schema::with(std::string_view word, json value) {
  schema_[std::string(word)] = std::move(value);
  return *this;
}

json object_schema::done() && {
  if (!needed_.empty())
    schema_["required"] = std::move(needed_);
  return std::move(schema_);
}

} // namespace troupe::descriptions
