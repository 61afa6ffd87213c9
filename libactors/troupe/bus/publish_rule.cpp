#include "troupe/bus/publish_rule.hpp"

#include "troupe/bus/caller_headers.hpp"
#include "troupe/json/json_text.hpp"

#include <optional>

namespace troupe {

namespace {

using kind = tapped_event::kind;

// The place of a life-cycle event in `life_cycle_names`.
std::optional<std::size_t> life_cycle_number(kind what) {
  const auto first = static_cast<std::size_t>(kind::connected);
  const auto number = static_cast<std::size_t>(what);
  return number < first ? std::nullopt : std::optional(number - first);
}

std::string person(const identity& who) {
  json_fields fields;
  fields.text("id", who.user_id).text("username", who.username);
  std::string roles = "[";
  for (const auto& role : who.roles) {
    roles += roles.size() > 1 ? "," : "";
    append_json_string(roles, role);
  }
  fields.raw("roles", roles + "]");
  return "{" + std::string(fields.view().substr(1)) + "}";
}

} // namespace

bool subject_of(const publish_rule& rule, const tapped_event& event, std::string& out) {
  captured wildcards;
  bridge_template::source from{&wildcards, nullptr, event.name, {}};
  if (rule.from == publish_rule::source::life_cycle) {
    const auto number = life_cycle_number(event.what);
    if (!number || !rule.events[*number])
      return false;
    from.event = life_cycle_names[*number];
  } else {
    const auto wanted =
      rule.from == publish_rule::source::topics ? kind::publication : kind::message;
    if (event.what != wanted || !capture(rule.pattern, event.name, wildcards))
      return false;
  }
  if (rule.subject.fill(from, out) != bridge_template::filled::yes)
    out.clear();
  return true;
}

std::string life_cycle_payload(const tapped_event& event, wall_time time) {
  json_fields fields;
  fields.text("type", life_cycle_names[life_cycle_number(event.what).value_or(0)]);
  if (!event.name.empty())
    fields.text("room", event.name);
  if (!event.connection.empty())
    fields.text("connection_id", event.connection);
  if (event.who)
    fields.raw("user", person(*event.who));
  std::string timestamp;
  append_timestamp(timestamp, time);
  fields.text("timestamp", timestamp);
  return "{" + std::string(fields.view().substr(1)) + "}";
}

} // namespace troupe
