// What clients say, as the code that reads it tells.
#include "server/describe/protocol_schemas.hpp"
#include "troupe/wire/client_frames.hpp"

#include <stdexcept>

namespace troupe::descriptions {

namespace {

constexpr std::string_view admin_command = "admin_command";

json whole_number(const field_note& field) {
  json out{{"type", "integer"}, {"minimum", field.min}};
  if (field.max != UINT64_MAX)
    out["maximum"] = field.max;
  return out;
}

json text_or_number(std::size_t bytes_min, std::size_t bytes_max) {
  return {{"oneOf", json::array({text_schema(bytes_min, bytes_max), json{{"type", "integer"}}})}};
}

json some_role() {
  json role = reference("Role");
  return {{"type", "object"},
          {"properties", {{"role", std::move(role)}}},
          {"required", json::array({"role"})},
          {"additionalProperties", false}};
}

json list_of_topics(const field_note& field) {
  json out = list_of(reference("TopicOrPattern"));
  out["minItems"] = field.min;
  out["maxItems"] = field.max;
  return out;
}

json by_topic(const field_note& field) {
  return {{"type", "object"},
          {"additionalProperties", reference("Position")},
          {"maxProperties", field.max}};
}

// -- which of them may be there together -------------------------------------------------------------

json one_is_there(const std::vector<std::string>& keys) {
  json out = json::array();
  for (const auto& key : keys)
    out.push_back({{"required", json::array({key})}});
  return out;
}

void add_choice(object_schema& to, const field_choice& choice) {
  switch (choice.how) {
  case field_choice::rule::exactly_one:
    to.with("oneOf", one_is_there(choice.keys));
    break;
  case field_choice::rule::at_least_one:
    to.with("anyOf", one_is_there(choice.keys));
    break;
  case field_choice::rule::at_most_one:
    to.with("not", {{"required", choice.keys}});
    break;
  }
}

} // namespace

json schema_of(const field_note& field) {
  switch (field.kind) {
  case field_kind::text:
    return text_schema(field.min, field.max == UINT64_MAX ? 0 : field.max);
  case field_kind::integer:
    return whole_number(field);
  case field_kind::flag:
    return flag_schema();
  case field_kind::any:
    return json::object();
  case field_kind::object:
    return {{"type", "object"}};
  case field_kind::state:
    return {{"type", json::array({"object", "null"})}};
  case field_kind::name:
    return reference("Name");
  case field_kind::topic:
    return reference("TopicOrPattern");
  case field_kind::topics:
    return list_of_topics(field);
  case field_kind::display_name:
    return reference("DisplayName");
  case field_kind::event:
    return reference("EventType");
  case field_kind::client_event:
    return reference("ClientEventType");
  case field_kind::position:
    return reference("Position");
  case field_kind::positions:
    return by_topic(field);
  case field_kind::id:
    return text_or_number(field.min, field.max);
  case field_kind::request_id:
    return reference("RequestId");
  case field_kind::recipients:
    return some_role();
  case field_kind::address:
    return text_schema(0, field.max);
  case field_kind::rpc_name:
    return {{"type", "string"}, {"pattern", "^[A-Za-z0-9_-]{1,64}$"}};
  }
  throw std::logic_error("a kind of fields without a schema");
}

void add_fields(object_schema& to, const field_notes& fields, field_place place) {
  for (const auto& field : fields.all())
    if (field.place == place)
      to.add(field.key, schema_of(field), field.needed);
  for (const auto& choice : fields.choices())
    add_choice(to, choice);
}

namespace {

void add_commands(protocol_schemas& to, texts& words, const limits& bounds) {
  json all = json::array();
  json names = json::array();
  for (const auto& noted : admin::noted_commands(bounds)) {
    const std::string name(noted.name);
    const auto schema = schema_name(name, "Command");
    object_schema out(words, "command." + name);
    out.is("type", admin_command).is("command", name);
    add_fields(out, noted.fields, field_place::body);
    out.may_have("id", reference("RequestId"));
    to.schemas[schema] = std::move(out).done();
    to.commands.push_back({name, schema, result_of(name)});
    all.push_back(reference(schema));
    names.push_back(name);
  }
  to.schemas["CommandName"] = {
    {"description", words.of("value.CommandName")}, {"type", "string"}, {"enum", std::move(names)}};
  to.schemas[schema_name(admin_command, "Request")] = {
    {"description", words.of("request.admin_command")}, {"oneOf", std::move(all)}};
}

} // namespace

void add_requests(protocol_schemas& to, texts& words) {
  const limits bounds;
  json all = json::array();
  for (const auto& noted : noted_client_frames(bounds)) {
    const std::string name(noted.name);
    const auto schema = schema_name(name, "Request");
    to.requests.push_back({name, schema});
    all.push_back(reference(schema));
    if (name == admin_command) {
      add_commands(to, words, bounds);
      continue;
    }
    object_schema out(words, "request." + name);
    out.is("type", name);
    add_fields(out, noted.fields, field_place::body);
    to.schemas[schema] = std::move(out).done();
  }
  to.schemas["ClientFrame"] = {{"description", words.of("value.ClientFrame")},
                               {"oneOf", std::move(all)}};
}

} // namespace troupe::descriptions
