#include "server/describe/calls.hpp"
#include "server/describe/descriptions.hpp"
#include "server/describe/protocol_schemas.hpp"
#include "server/net/http_server.hpp"

namespace troupe::descriptions {

namespace {

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
  out["responses"] = answers_of(good, refusals_of(call));
  out["security"] = json::array({json{{"key", json::array()}}});
  return out;
}

// -- paths that are none of the API's ----------------------------------------------------------------

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

// Whoever has it already may ask whether it is still the same.
json parameters_of_kept(texts& words) {
  return json::array({parameter_of("If-None-Match", "header", false, text_schema(),
                                   words.of("header", "If-None-Match"))});
}

void add_answers_of_kept(json& responses, texts& words) {
  responses["304"] = {{"description", words.of("status", "304")}};
  for (const auto* status : {"200", "304"})
    responses[status]["headers"]["ETag"] = {{"description", words.of("header", "ETag")},
                                            {"schema", text_schema()}};
}

json plain_operation(std::string_view path, texts& words) {
  const auto& what = plain_path_of(path);
  json out{{"operationId", what.id},
           {"summary", words.of("call." + std::string(what.id))},
           {"tags", json::array({what.answers.empty() ? "websocket" : "server"})}};
  if (what.kept)
    out["parameters"] = parameters_of_kept(words);
  if (what.answers.empty()) {
    if (path != "/echo")
      out["parameters"] = websocket_parameters(path, words);
    out["responses"]["101"] = {{"description", words.of("status", "101")}};
  } else {
    out["responses"]["200"] = {
      {"description", words.of("status", "200")},
      {"content", {{std::string(what.answers), {{"schema", text_schema()}}}}}};
  }
  if (what.kept)
    add_answers_of_kept(out["responses"], words);
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
  for (const auto status : all_refusals()) {
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

} // namespace troupe::descriptions
