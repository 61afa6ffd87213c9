// What the server says, by the table that its encoder is made from.
#include "server/describe/protocol_schemas.hpp"
#include "troupe/wire/server_events.hpp"

#include <map>

namespace troupe::descriptions {

namespace {

// -- kinds of fields, in the order of server_events.hpp ----------------------------------------------

struct field {
  json schema;
  bool always = true;
};

namespace kinds {
field text() {
  return {text_schema()};
}
field optional_text() {
  return {text_schema(), false};
}
field texts() {
  return {list_of(text_schema())};
}
field number() {
  return {number_schema()};
}
field optional_number() {
  return {number_schema(), false};
}
field flag() {
  return {flag_schema()};
}
field optional_flag() {
  return {flag_schema(), false};
}
field seconds() {
  return {{{"type", "number"}, {"minimum", 0}}};
}
field time() {
  return {reference("Timestamp")};
}
field json() {
  return {descriptions::json::object()};
}
field request() {
  return {reference("RequestId"), false};
}
field person() {
  return {reference("User")};
}
field positions() {
  return {{{"type", "object"}, {"additionalProperties", reference("TopicPosition")}}};
}
field refusals() {
  return {list_of(reference("Refusal")), false};
}
field present_users() {
  return {list_of(reference("PresentUser")), false};
}
field frames() {
  return {list_of(reference("ServerFrame"))};
}
// Its name is none of a field's.
field members() {
  return {};
}
} // namespace kinds

// -- events ------------------------------------------------------------------------------------------

struct event_field {
  std::string_view key;
  std::string_view kind;
  field (*what)();
};

struct event {
  std::string_view name;
  std::string_view type; ///< or empty: it brings one along
  std::vector<event_field> fields;
};

const std::vector<event>& all_events() {
  static const std::vector<event> all {
#define TROUPE_EVENT(name, type)                                                                   \
  {                                                                                                \
#name, type, {
#define TROUPE_NAMED_EVENT(name) {#name, "", {
#define TROUPE_FIELD(key, kind) {#key, #kind, kinds::kind},
#define TROUPE_EVENT_END                                                                           \
  }                                                                                                \
  }                                                                                                \
  ,
#include "troupe/wire/server_events.def"
  };
  return all;
}

const event& event_of(std::string_view name) {
  for (const auto& each : all_events())
    if (each.name == name)
      return each;
  throw std::logic_error("no such event");
}

// A text that is one of few, or users of whom less is told.
json narrowed(std::string_view event, const event_field& key, json schema) {
  static const std::map<std::pair<std::string_view, std::string_view>, json> to{
    {{"error", "code"}, reference("ErrorCode")},
    {{"disconnect", "close_code"}, reference("CloseCode")},
    {{"admin_result", "command"}, reference("CommandName")},
    {{"presence_diff", "leaves"}, list_of(reference("GoneUser"))}};
  const auto found = to.find({event, key.key});
  return found == to.end() ? std::move(schema) : found->second;
}

// What an event's `members` are, where that is known.
using known_members = std::vector<std::pair<std::string_view, json>>;

// A frame of which its event does not say everything.
struct known_frame {
  std::string_view type;
  std::string_view schema; ///< without `Frame`
  std::string_view event;
  known_members inside;
  std::string_view always{}; ///< a field that the event may lack, and this has
};

void add_event_fields(object_schema& to, const event& what, const known_frame* as) {
  bool room = false, topic = false;
  for (const auto& each : what.fields) {
    if (each.kind == "members") {
      if (!as)
        to.has_more();
      else
        for (const auto& [key, schema] : as->inside)
          to.needs(key, schema);
      continue;
    }
    auto [schema, always] = each.what();
    always = always || (as && as->always == each.key);
    to.add(each.key, narrowed(what.name, each, std::move(schema)), always);
    room = room || (each.key == "room" && !always);
    topic = topic || (each.key == "topic" && !always);
  }
  const json both = json::array({"room", "topic"});
  if (room && topic && what.name == "error")
    to.with("not", {{"required", both}});
  else if (room && topic)
    to.with("oneOf", json::array({json{{"required", json::array({"room"})}},
                                  json{{"required", json::array({"topic"})}}}));
}

// -- frames of which an event does not say everything ------------------------------------------------

// Of the library and of the server's own room types. What all members are told says whose doing it
// is.
const std::vector<known_frame>& known_frames() {
  static const std::vector<known_frame> all{
    {"message",
     "message",
     "room_event",
     {{"user", text_schema()}, {"message", json::object()}},
     "from"},
    {"user_joined",
     "user_joined",
     "room_event",
     {{"user", text_schema()}, {"message", text_schema()}},
     "from"},
    {"user_left",
     "user_left",
     "room_event",
     {{"user", text_schema()}, {"message", text_schema()}},
     "from"},
    {"poll_opened",
     "poll_opened",
     "room_event",
     {{"question", text_schema()},
      {"options", list_of(text_schema())},
      {"seconds", number_schema()}}},
    {"poll_votes",
     "poll_votes",
     "room_event",
     {{"votes", number_schema()}, {"members", number_schema()}},
     "from"},
    {"poll_result",
     "poll_result",
     "room_event",
     {{"question", text_schema()},
      {"result", list_of(reference("PollCount"))},
      {"votes", number_schema()}},
     "from"},
    {"notification", "inbox_notification", "topic_event", {{"message", json::object()}}}};
  return all;
}

void add_known_frames(protocol_schemas& to, texts& words) {
  for (const auto& each : known_frames()) {
    const auto schema = schema_name(each.schema, "Frame");
    object_schema out(words, "frame." + std::string(each.schema));
    out.is("type", each.type);
    add_event_fields(out, event_of(each.event), &each);
    to.schemas[schema] = std::move(out).done();
    to.frames.push_back({std::string(each.type), schema});
  }
}

json either_of(const std::vector<frame>& frames, std::string text) {
  json all = json::array();
  for (const auto& each : frames)
    all.push_back(reference(each.schema));
  return {{"description", std::move(text)}, {"anyOf", std::move(all)}};
}

} // namespace

void add_frames(protocol_schemas& to, texts& words) {
  for (const auto& each : all_events()) {
    const auto schema = schema_name(each.name, "Frame");
    object_schema out(words, "frame." + std::string(each.name));
    if (each.type.empty())
      out.needs("type", each.name == "publication" ? reference("EventType") : text_schema());
    else
      out.is("type", each.type);
    add_event_fields(out, each, nullptr);
    to.schemas[schema] = std::move(out).done();
    auto& list = each.type.empty() ? to.open_frames : to.frames;
    list.push_back({std::string(each.type.empty() ? each.name : each.type), schema});
  }
  add_known_frames(to, words);
  to.schemas["KnownFrame"] = either_of(to.frames, words.of("value.KnownFrame"));
  auto all = to.frames;
  all.insert(all.end(), to.open_frames.begin(), to.open_frames.end());
  to.schemas["ServerFrame"] = either_of(all, words.of("value.ServerFrame"));
}

} // namespace troupe::descriptions
