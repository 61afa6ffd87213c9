#include "server/describe/protocol_schemas.hpp"

#include "troupe/wire/errors.hpp"
#include "troupe/wire/limits.hpp"
#include "troupe/wire/names.hpp"

#include <map>

namespace troupe::descriptions {

namespace {

constexpr std::string_view name_part = "[A-Za-z0-9_:@/-]+";

std::string whole(std::string_view pattern) {
  return "^" + std::string(pattern) + "$";
}

json text_like(std::string_view pattern, std::size_t bytes_max) {
  json out = text_schema(1, bytes_max);
  out["pattern"] = whole(pattern);
  return out;
}

void add_names(protocol_schemas& to, texts& words, const limits& bounds) {
  const auto add = [&](const char* name, json schema) {
    to.schemas[name] = told(std::move(schema), words.of(std::string("value.") + name));
  };
  const std::string part(name_part);
  add("Name", text_like(part + "(\\." + part + ")*", name_bytes_max));
  const auto either = "(\\*|" + part + ")";
  add("TopicOrPattern", text_like("(" + either + "(\\." + either + ")*(\\.>)?|>)", name_bytes_max));
  add("DisplayName", text_schema(0, bounds.user_bytes_max));
  add("Role", text_schema(1));
  json event = text_like("[A-Za-z0-9_:-]+(\\.[A-Za-z0-9_:-]+)*", 64);
  auto reserved = reserved_events();
  event["not"] = {{"enum", reserved}};
  add("EventType", event);
  for (const auto each : events_of_services())
    reserved.push_back(each);
  event["not"] = {{"enum", reserved}};
  add("ClientEventType", std::move(event));
  add("RequestId",
      {{"oneOf", json::array({text_schema(0, bounds.id_bytes_max), json{{"type", "integer"}}})}});
  json time = text_schema();
  time["format"] = "date-time";
  add("Timestamp", std::move(time));
}

void add_positions(protocol_schemas& to, texts& words) {
  object_schema seen(words, "value.Position");
  seen.needs("epoch", text_schema(0, 64)).needs("offset", number_schema());
  to.schemas["Position"] = std::move(seen).done();
  object_schema stands(words, "value.TopicPosition");
  stands.may_have("epoch", text_schema()).may_have("offset", number_schema());
  stands.needs("recovered", flag_schema()).may_have("top", number_schema());
  to.schemas["TopicPosition"] = std::move(stands).done();
}

void add_people(protocol_schemas& to, texts& words) {
  object_schema user(words, "value.User");
  user.needs("id", text_schema()).needs("username", text_schema());
  to.schemas["User"] = std::move(user.needs("roles", list_of(text_schema()))).done();
  object_schema present(words, "value.PresentUser");
  present.needs("user", text_schema()).may_have("user_id", text_schema());
  present.may_have("from", text_schema()).needs("connections", number_schema());
  to.schemas["PresentUser"] = std::move(present.may_have("state", json{{"type", "object"}})).done();
  object_schema gone(words, "value.GoneUser");
  gone.needs("user", text_schema()).may_have("user_id", text_schema());
  to.schemas["GoneUser"] = std::move(gone.may_have("from", text_schema())).done();
  object_schema count(words, "value.PollCount");
  count.needs("option", text_schema()).needs("votes", number_schema());
  to.schemas["PollCount"] = std::move(count).done();
}

void add_errors(protocol_schemas& to, texts& words) {
  json codes = json::array(), closes = json::array();
#define TROUPE_ERROR(code, message, http_status) codes.push_back(#code);
#define TROUPE_CLOSE(name, code, reason, reconnect) closes.push_back(code);
#include "troupe/wire/errors.def"
  to.schemas["ErrorCode"] = {
    {"description", words.of("value.ErrorCode")}, {"type", "string"}, {"enum", std::move(codes)}};
  to.schemas["CloseCode"] = {
    {"description", words.of("value.CloseCode")}, {"type", "integer"}, {"enum", std::move(closes)}};
  object_schema refusal(words, "value.Refusal");
  refusal.needs("topic", text_schema()).needs("code", reference("ErrorCode"));
  refusal.needs("message", text_schema()).may_have("retry_after_ms", number_schema());
  to.schemas["Refusal"] = std::move(refusal).done();
}

} // namespace

void add_values(protocol_schemas& to, texts& words) {
  const limits bounds;
  add_names(to, words, bounds);
  add_positions(to, words);
  add_people(to, words);
  add_errors(to, words);
}

protocol_schemas describe_protocol(texts& words) {
  protocol_schemas out;
  add_requests(out, words);
  add_frames(out, words);
  add_results(out, words);
  add_values(out, words);
  return out;
}

const std::vector<std::string_view>& answers_to(std::string_view request) {
  static const std::map<std::string_view, std::vector<std::string_view>> answers{
    {"subscribe", {"subscribed"}},
    {"unsubscribe", {"unsubscribed"}},
    {"join", {"joined"}},
    {"leave", {"left"}},
    {"message", {"sent"}},
    {"publish", {"published"}},
    {"refresh", {"authenticated"}},
    {"admin_command", {"admin_result"}},
    {"history", {"history"}},
    {"presence", {"presence"}},
    {"set_presence", {"presence_updated"}},
    {"rpc", {"rpc_result"}},
    {"ping", {"pong"}},
    {"signal", {}},
    {"pong", {}}};
  return answers.at(request);
}

} // namespace troupe::descriptions
