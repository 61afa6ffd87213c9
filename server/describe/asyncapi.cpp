#include "server/describe/descriptions.hpp"
#include "server/describe/protocol_schemas.hpp"
#include "server/net/ws_parameters.hpp"
#include "troupe/wire/errors.hpp"

namespace troupe::descriptions {

namespace {

struct channel {
  std::string_view path;
  std::string_view id;
};

// Paths of WebSockets. `/echo` is left out: it repeats what it is sent, and knows no frames.
constexpr channel channels[] = {
  {"/ws", "connection"}, {"/chat/{room}", "chat"}, {"/room/{type}/{room}", "room"}};

json linked(std::string text) {
  return {{"$ref", "#/" + std::move(text)}};
}

json message_of(const frame& what, const json& schema) {
  return {{"name", what.name},
          {"title", what.schema},
          {"summary", schema.value("description", "")},
          {"payload", reference(what.schema)}};
}

std::vector<frame> from_server(const protocol_schemas& all) {
  auto out = all.frames;
  out.insert(out.end(), all.open_frames.begin(), all.open_frames.end());
  return out;
}

json query_schema(texts& words) {
  json properties = json::object();
  for (auto& [name, schema] : ws_query(words))
    properties[name] = std::move(schema);
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

json channel_of(const channel& what, const protocol_schemas& all, texts& words) {
  json messages = json::object();
  for (const auto& each : all.requests)
    messages[each.schema] = linked("components/messages/" + each.schema);
  for (const auto& each : from_server(all))
    messages[each.schema] = linked("components/messages/" + each.schema);
  json out{{"address", what.path},
           {"summary", words.of("channel." + std::string(what.id))},
           {"messages", std::move(messages)}};
  for (const auto* name : {"type", "room"})
    if (what.path.find("{" + std::string(name) + "}") != std::string_view::npos)
      out["parameters"][name] = {{"description", words.of("parameter", name)}};
  out["bindings"]["ws"] = {{"query", query_schema(words)}, {"bindingVersion", "0.1.0"}};
  return out;
}

json message_in_channel(const std::string& schema) {
  return linked("channels/connection/messages/" + schema);
}

json answers_of(const frame& request, const protocol_schemas& all) {
  json out = json::array();
  for (const auto answer : answers_to(request.name))
    for (const auto& each : all.frames)
      if (each.name == answer)
        out.push_back(message_in_channel(each.schema));
  if (!out.empty())
    out.push_back(message_in_channel("ErrorFrame"));
  return out;
}

json operations_of(const protocol_schemas& all) {
  json out = json::object();
  for (const auto& each : all.requests) {
    auto& to =
      out["receive" + each.schema] = {{"action", "receive"},
                                      {"channel", linked("channels/connection")},
                                      {"messages", json::array({message_in_channel(each.schema)})}};
    if (auto answers = answers_of(each, all); !answers.empty())
      to["reply"] = {{"channel", linked("channels/connection")}, {"messages", std::move(answers)}};
  }
  for (const auto& each : from_server(all))
    out["send" + each.schema] = {{"action", "send"},
                                 {"channel", linked("channels/connection")},
                                 {"messages", json::array({message_in_channel(each.schema)})}};
  return out;
}

json error_codes() {
  json out = json::array();
#define TROUPE_ERROR(code, message, http_status)                                                   \
  out.push_back({{"code", #code}, {"message", message}, {"http_status", http_status}});
#include "troupe/wire/errors.def"
  return out;
}

json close_codes() {
  json out = json::array();
#define TROUPE_CLOSE(name, number, reason, reconnects)                                             \
  out.push_back({{"code", number}, {"reason", reason}, {"reconnect", reconnects}});
#include "troupe/wire/errors.def"
  return out;
}

} // namespace

std::vector<ws_query_parameter> ws_query(texts& words) {
  std::vector<ws_query_parameter> out;
  for (const auto& each : ws_parameter::all) {
    json schema = each.what == ws_parameter::kind::number ? number_schema() : text_schema();
    if (each.what == ws_parameter::kind::flag)
      schema["enum"] = {"1", "true", "0", "false"};
    out.push_back({std::string(each.name), told(std::move(schema), words.of("query", each.name))});
  }
  return out;
}

json asyncapi(texts& words) {
  const auto all = describe_protocol(words);
  json messages = json::object();
  for (const auto& each : all.requests)
    messages[each.schema] = message_of(each, all.schemas.at(each.schema));
  for (const auto& each : from_server(all))
    messages[each.schema] = message_of(each, all.schemas.at(each.schema));
  json out{{"asyncapi", "3.0.0"},
           {"info",
            {{"title", "Troupe"},
             {"version", TROUPE_VERSION},
             {"description", words.of("info.asyncapi")},
             {"license", {{"name", "Apache-2.0"}}}}},
           {"defaultContentType", "application/json"},
           {"servers", {{"local", {{"host", "127.0.0.1:8081"}, {"protocol", "ws"}}}}}};
  for (const auto& each : channels)
    out["channels"][std::string(each.id)] = channel_of(each, all, words);
  out["operations"] = operations_of(all);
  out["components"] = {{"messages", std::move(messages)}, {"schemas", all.schemas}};
  out["x-error-codes"] = error_codes();
  out["x-close-codes"] = close_codes();
  return out;
}

} // namespace troupe::descriptions
