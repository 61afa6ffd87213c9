#include "server/describe/descriptions.hpp"
#include "server/describe/protocol_schemas.hpp"
#include "server/net/api_routes.hpp"
#include "server/net/http_server.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace troupe::describe {

namespace {

using statuses = std::set<unsigned>;

constexpr std::string_view api = "/api/v1/";

// -- what a call is called, and what it answers ------------------------------------------------------

struct call_names {
  std::string id;     ///< `kick_from_room`
  std::string owner;  ///< whose texts its fields have: `command.kick_from_room`
  std::string result; ///< the schema of its answer
};

// `rooms` of `/api/v1/rooms/{id}/history`.
std::string first_part(std::string_view pattern) {
  pattern.remove_prefix(api.size());
  return std::string(pattern.substr(0, pattern.find('/')));
}

call_names names_of(const noted_call& call) {
  if (const auto* said = std::get_if<post>(&call.asks))
    return said->kind == audience_kind::topic
             ? call_names{"publish", "request.publish", "SaidResult"}
             : call_names{"say", "request.message", "SaidResult"};
  if (const auto* what = std::get_if<admin::command>(&call.asks)) {
    const std::string name(admin::name_of(*what));
    // Two paths, one command.
    const bool both = name == "history" || name == "forget_history" || name == "presence";
    return {both ? name + "_of_" + first_part(call.pattern) : name, "command." + name,
            result_of(name)};
  }
  return {"drain", "call.drain", "EmptyResult"};
}

// Commands about what need not be there.
bool may_miss(const noted_call& call) {
  const auto* what = std::get_if<admin::command>(&call.asks);
  if (!what)
    return false;
  static const std::set<std::string_view> commands{
    "kick_from_room", "mute",       "close_room", "lift_ban", "presence",      "room",
    "topic",          "connection", "user",       "history",  "forget_history"};
  return commands.contains(admin::name_of(*what));
}

statuses statuses_of(const noted_call& call) {
  statuses out{400, 401, 403, 408, 429, 431, 500, 503, 504};
  if (call.takes_body != call_body::ignored)
    out.insert({413, 417});
  if (may_miss(call))
    out.insert(404);
  if (call.when_repeated == call_repeated::is_known)
    out.insert({409, 422});
  return out;
}

// -- requests ----------------------------------------------------------------------------------------

// `id` of `/api/v1/rooms/{id}/history`; or empty.
std::string open_part(std::string_view pattern) {
  const auto from = pattern.find('{');
  if (from == std::string_view::npos)
    return {};
  return std::string(pattern.substr(from + 1, pattern.find('}') - from - 1));
}

json parameter_of(std::string name, std::string_view place, bool needed, json schema,
                  std::string text) {
  return {{"name", std::move(name)},
          {"in", place},
          {"description", std::move(text)},
          {"required", needed},
          {"schema", std::move(schema)}};
}

json parameters_of(const noted_call& call, const call_names& names, texts& words) {
  json out = json::array();
  for (const auto& field : call.fields.all())
    if (field.place == field_place::path)
      out.push_back(parameter_of(open_part(call.pattern), "path", true, schema_of(field),
                                 words.of("path", first_part(call.pattern))));
    else if (field.place == field_place::query)
      out.push_back(parameter_of(field.key, "query", false, schema_of(field),
                                 words.of(names.owner, field.key)));
  if (call.when_repeated == call_repeated::is_known)
    out.push_back(parameter_of("Idempotency-Key", "header", false, text_schema(1),
                               words.of("header", "Idempotency-Key")));
  return out;
}

json in_json(json schema) {
  return {{"application/json", {{"schema", std::move(schema)}}}};
}

json body_of(const noted_call& call, const call_names& names, texts& words) {
  object_schema body(words, names.owner);
  add_fields(body, call.fields, field_place::body);
  return {{"required", call.takes_body == call_body::needed},
          {"content", in_json(std::move(body).done())}};
}

// -- answers -----------------------------------------------------------------------------------------

json refused_by(unsigned status) {
  return {{"$ref", "#/components/responses/" + std::to_string(status)}};
}

json answers_of(json good, const statuses& refusals) {
  json out{{"200", std::move(good)}};
  for (const auto status : refusals)
    out[std::to_string(status)] = refused_by(status);
  return out;
}

json api_operation(const noted_call& call, texts& words) {
  const auto names = names_of(call);
  json out{{"operationId", names.id}, {"tags", json::array({first_part(call.pattern)})}};
  out["summary"] = words.of(names.owner);
  if (auto parameters = parameters_of(call, names, words); !parameters.empty())
    out["parameters"] = std::move(parameters);
  if (call.takes_body != call_body::ignored)
    out["requestBody"] = body_of(call, names, words);
  const json good{{"description", words.of("status", "200")},
                  {"content", in_json(reference(names.result))}};
  out["responses"] = answers_of(good, statuses_of(call));
  out["security"] = json::array({json{{"key", json::array()}}});
  return out;
}

// -- paths that are none of the API's ----------------------------------------------------------------

struct plain_path {
  std::string_view id;
  std::string_view answers; ///< a media type; empty: a WebSocket
  statuses refusals;
};

const std::map<std::string_view, plain_path>& plain_paths() {
  static const statuses of_all{400, 403, 408, 429, 431, 503};
  static const statuses of_websockets{400, 401, 403, 404, 408, 426, 429, 431, 503};
  static const statuses of_metrics{400, 401, 403, 408, 429, 431, 503, 504};
  static const std::map<std::string_view, plain_path> all{
    {"/ws", {"connect", "", of_websockets}},
    {"/chat/{room}", {"connect_to_chat", "", of_websockets}},
    {"/room/{type}/{room}", {"connect_to_room", "", of_websockets}},
    {"/echo", {"echo", "", of_websockets}},
    {"/", {"page", "text/html", of_all}},
    {"/healthz", {"healthz", "text/plain", of_all}},
    {"/readyz", {"readyz", "text/plain", of_all}},
    {"/metrics", {"metrics", "text/plain", of_metrics}}};
  return all;
}

json websocket_parameters(std::string_view path, texts& words) {
  json out = json::array();
  for (const auto* name : {"type", "room"})
    if (path.find("{" + std::string(name) + "}") != std::string_view::npos)
      out.push_back(
        parameter_of(name, "path", true, reference("Name"), words.of("parameter", name)));
  for (auto& [name, schema] : ws_query(words)) {
    std::string text = schema.value("description", "");
    schema.erase("description");
    out.push_back(parameter_of(name, "query", false, std::move(schema), std::move(text)));
  }
  return out;
}

json plain_operation(std::string_view path, texts& words) {
  const auto& what = plain_paths().at(path);
  json out{{"operationId", what.id},
           {"summary", words.of("call." + std::string(what.id))},
           {"tags", json::array({what.answers.empty() ? "websocket" : "server"})}};
  if (what.answers.empty()) {
    if (path != "/echo")
      out["parameters"] = websocket_parameters(path, words);
    out["responses"]["101"] = {{"description", words.of("status", "101")}};
  } else {
    out["responses"]["200"] = {
      {"description", words.of("status", "200")},
      {"content", {{std::string(what.answers), {{"schema", text_schema()}}}}}};
  }
  for (const auto status : what.refusals)
    out["responses"][std::to_string(status)] = refused_by(status);
  return out;
}

// -- all of it ---------------------------------------------------------------------------------------

std::string_view verb_of(methods allowed) {
  return allowed == methods::post ? "post" : allowed == methods::del ? "delete" : "get";
}

// With what they refer to.
void take(const json& part, const json& all, json& into) {
  if (part.is_object() && part.contains("$ref")) {
    const auto name = referred(part);
    if (!name.empty() && all.contains(name) && !into.contains(name)) {
      into[name] = all.at(name);
      take(all.at(name), all, into);
    }
  }
  if (part.is_structured())
    for (const auto& each : part)
      take(each, all, into);
}

json refusals(texts& words) {
  json out = json::object();
  for (const auto status :
       {400, 401, 403, 404, 408, 409, 413, 417, 422, 426, 429, 431, 500, 503, 504}) {
    auto& response =
      out[std::to_string(status)] = {{"description", words.of("status", std::to_string(status))},
                                     {"content", in_json(reference("ApiError"))}};
    if (status == 429 || status == 503)
      response["headers"]["Retry-After"] = {{"description", words.of("header", "Retry-After")},
                                            {"schema", number_schema()}};
  }
  return out;
}

json api_error(texts& words) {
  object_schema inside(words, "value.ApiError");
  inside.needs("code", reference("ErrorCode")).needs("message", text_schema());
  json out{{"type", "object"}, {"required", json::array({"error"})}};
  out["properties"]["error"] = std::move(inside).done();
  return out;
}

} // namespace

json openapi(texts& words) {
  auto all = describe_protocol(words);
  all.schemas["ApiError"] = api_error(words);
  json paths = json::object();
  for (const auto& each : noted_calls(limits{}))
    paths[std::string(each.pattern)][std::string(verb_of(each.allowed))] =
      api_operation(each, words);
  for (const auto& each : http_server::paths())
    paths[std::string(each.shown)][std::string(verb_of(each.allowed))] =
      plain_operation(each.shown, words);
  json responses = refusals(words), schemas = json::object();
  take(paths, all.schemas, schemas);
  take(responses, all.schemas, schemas);
  return {
    {"openapi", "3.1.0"},
    {"info",
     {{"title", "Troupe"},
      {"version", TROUPE_VERSION},
      {"description", words.of("info.openapi")},
      {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
    {"servers", json::array({json{{"url", "http://127.0.0.1:8081"}}})},
    {"paths", std::move(paths)},
    {"components",
     {{"securitySchemes",
       {{"key",
         {{"type", "http"}, {"scheme", "bearer"}, {"description", words.of("security.key")}}}}},
      {"responses", std::move(responses)},
      {"schemas", std::move(schemas)}}}};
}

} // namespace troupe::describe
