#include "server/config/bridge_section.hpp"

#include "server/config/bridge_kinds.hpp"
#include "server/log/printable.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/wire/names.hpp"

#include <algorithm>

namespace troupe {

namespace {

// What a template asks for that is not to be had under `pattern`; or nothing.
std::string unknown_hole(const bridge_template::needs& asked, std::string_view pattern) {
  const auto had = wildcards_of(pattern);
  if (asked.tokens > had.tokens)
    return had.tokens == 0 ? "no {" + std::to_string(asked.tokens) + "}: the pattern has no *"
                           : "no {" + std::to_string(asked.tokens) + "}: the pattern has " +
                               std::to_string(had.tokens) + " *";
  return asked.rest && !had.rest ? "no {>}: there is no > in the pattern" : "";
}

// -- in ----------------------------------------------------------------------------------------------

void check_holes(config_section& section, std::string_view key, const bridge_template& holes,
                 const bridge_rule& rule) {
  const auto* value = section.find(key);
  const auto asked = holes.asks_for();
  std::string expected = unknown_hole(asked, rule.subject);
  if (asked.name || asked.event)
    expected = "no {name} and no {event}: these are for bridge.publish";
  else if (asked.data && rule.payload != bridge_content::json)
    expected = "no {data}: the payload is not JSON";
  if (value != nullptr && !rule.subject.empty() && !expected.empty())
    section.report(got(*value), key, expected);
}

// What a template makes of an event without fields; empty where it needs more.
std::string by_itself(const bridge_template& holes) {
  std::string out;
  const auto asked = holes.asks_for();
  const bool more = asked.tokens > 0 || asked.rest || asked.name || asked.event;
  return !more && holes.fill({}, out) == bridge_template::filled::yes ? out : std::string();
}

std::string_view expected_name(bridge_target to) {
  return to == bridge_target::user || to == bridge_target::role
           ? "1 to 512 bytes of printable text"
           : "1 to 128 of A-Z a-z 0-9 _ - : @ / in parts divided by dots";
}

// The name of whom an event is for: exactly one of four keys, or everyone.
void read_target(config_section& section, bridge_rule& out) {
  std::size_t named = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(bridge_target::everyone); ++i) {
    const auto key = bridge_target_names[i];
    const auto* value = section.find(key);
    if (value == nullptr)
      continue;
    if (++named > 1)
      section.report(got(*value), key, "only one of topic, room, user and role");
    out.to = static_cast<bridge_target>(i);
    section.read<kinds::holes>(key, {}, out.name);
    check_holes(section, key, out.name, out);
    if (const auto name = by_itself(out.name); !name.empty() && !valid_target_name(out.to, name))
      section.report({in_quotes(name), value->line, value->column}, key, expected_name(out.to));
  }
  bool everyone = false;
  section.read<kinds::boolean>("everyone", {}, everyone);
  if (named == 0 && !everyone)
    section.require("topic", "one of topic, room, user and role, or everyone = true");
  if (named == 0)
    out.to = bridge_target::everyone;
  out.or_everyone = named > 0 && everyone;
  const auto* both = section.find("everyone");
  if (out.or_everyone && !out.name.asks_for().data_without_default)
    section.report(got(*both), "everyone",
                   "no true: every event has a name, since no {data} in it is without a default");
}

void read_type(config_section& section, bridge_rule& out) {
  section.read<kinds::holes>("type", {}, out.type);
  check_holes(section, "type", out.type, out);
  const auto* value = section.find("type");
  if (const auto type = by_itself(out.type);
      value != nullptr && !type.empty() && !valid_event(type))
    section.report({in_quotes(type), value->line, value->column}, "type",
                   "1 to 64 of A-Z a-z 0-9 _ - . : and none of the server's own types");
}

void read_shape(config_section& section, bridge_rule& out) {
  section.read<kinds::field_paths>("fields", {}, out.fields);
  out.data = out.fields.empty();
  section.read<kinds::boolean>("data", {}, out.data);
  const auto* value = section.find("fields");
  if (value == nullptr)
    return;
  if (out.payload != bridge_content::json && !out.fields.empty())
    section.report(got(*value), "fields", "none: the payload is not JSON");
  std::vector<std::string> keys;
  for (const auto& field : out.fields) {
    const auto& key = field.as;
    const bool twice = std::ranges::find(keys, key) != keys.end();
    if (twice || !free_for_fields(key, out.data))
      section.report(
        {in_quotes(key) + (twice ? " twice" : ", which frames have already"), value->line,
         value->column},
        "fields", "a place of its own for each at the top of the frame (\"a as b\" renames one)");
    keys.push_back(key);
  }
}

bridge_rule read_rule(config_section section) {
  bridge_rule out;
  section.read_required<kinds::subject>("subject", {}, out.subject);
  section.read<kinds::queue>("queue", {}, out.queue);
  section.read<kinds::bridge_payload>("payload", {}, out.payload);
  read_target(section, out);
  read_type(section, out);
  read_shape(section, out);
  section.report_unknown();
  return out;
}

// -- out ---------------------------------------------------------------------------------------------

// The error says what was expected.
text_result<> check_subject(const publish_rule& rule) {
  const bool life_cycle = rule.from == publish_rule::source::life_cycle;
  const auto asked = rule.subject.asks_for();
  if (asked.data)
    return fail("no {data}: these are for bridge.rule");
  if (asked.event && !life_cycle)
    return fail("no {event}: it is for lifecycle");
  if (asked.name && life_cycle && (rule.events[0] || rule.events[1]))
    return fail("no {name}: connected and disconnected are about no room");
  if (auto hole = unknown_hole(asked, rule.pattern); !hole.empty())
    return fail(std::move(hole));
  // Or a name would choose it.
  if (!rule.subject.fixed() && rule.subject.head().find('.') == std::string_view::npos)
    return fail("a fixed first part, as in \"troupe.rooms.{name}\"");
  if (rule.subject.head().starts_with('$') || rule.subject.head().starts_with("_INBOX"))
    return fail("none of NATS's own subjects");
  const captured any{std::vector<std::string_view>(asked.tokens, "x"), "x"};
  std::string example;
  const auto filled = rule.subject.fill({&any, nullptr, "x", "x"}, example);
  if (filled != bridge_template::filled::yes || !valid_subject(example))
    return fail("a subject of parts divided by dots, without blanks and wildcards, as in "
                "\"troupe.rooms.{name}\"");
  return {};
}

publish_rule read_publish(config_section section) {
  publish_rule out;
  const auto* from = section.require("from", kinds::publish_source::expected({}));
  section.read<kinds::publish_source>("from", {}, out);
  const auto* events = section.find("events");
  section.read<kinds::life_cycle>("events", {}, out.events);
  if (events != nullptr && from != nullptr && out.from != publish_rule::source::life_cycle)
    section.report(got(*events), "events", "none but for from = \"lifecycle\"");
  const auto* subject = section.require("subject", "a subject such as \"troupe.rooms.{name}\"");
  section.read<kinds::holes>("subject", {}, out.subject);
  std::string unused;
  const bool read = out.subject.fill({}, unused) != bridge_template::filled::yes ||
                    !unused.empty() || !out.subject.fixed();
  if (const auto checked = check_subject(out); subject != nullptr && read && !checked)
    section.report(got(*subject), "subject", checked.error());
  section.report_unknown();
  return out;
}

} // namespace

void read_bridge_section(const config_value& value, file_errors& errors, bridge_config& into) {
  auto section = config_section::open(
    value, "bridge", errors, "tables that begin with [[bridge.rule]] or [[bridge.publish]]");
  if (!section)
    return;
  if (const auto* rules = section->find("rule")) {
    into.rules.emplace();
    each_table(*rules, "bridge.rule", errors,
               [&](config_section each) { into.rules->push_back(read_rule(std::move(each))); });
  }
  if (const auto* publishes = section->find("publish"))
    each_table(*publishes, "bridge.publish", errors, [&](config_section each) {
      into.publishes.push_back(read_publish(std::move(each)));
    });
  section->report_unknown();
}

} // namespace troupe
