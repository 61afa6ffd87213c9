#include "troupe/bus/bridge_rule.hpp"

#include "troupe/json/base64.hpp"
#include "troupe/json/json_text.hpp"
#include "troupe/json/utf8.hpp"
#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/names.hpp"

#include <algorithm>

namespace troupe {

namespace {

using filled = bridge_template::filled;

bool reads_fields(const bridge_rule& rule) {
  return !rule.fields.empty() || rule.name.asks_for().data || rule.type.asks_for().data;
}

result<void, bridge_error> address(const bridge_rule& rule, const bridge_template::source& from,
                                   bridged& out) {
  out.to = rule.to;
  if (rule.to == bridge_target::everyone)
    return {};
  const auto name = rule.name.fill(from, out.name);
  if (name == filled::absent && rule.or_everyone) {
    out.to = bridge_target::everyone;
    out.name.clear();
    return {};
  }
  if (name != filled::yes)
    return fail(bridge_error::field);
  if (!valid_target_name(rule.to, out.name))
    return fail(bridge_error::name);
  return {};
}

result<void, bridge_error> entitle(const bridge_rule& rule, const bridge_template::source& from,
                                   bridged& out) {
  if (rule.type.fill(from, out.type) != filled::yes)
    return fail(bridge_error::field);
  if (out.type.empty() && rule.type.fixed())
    out.type = "publication";
  if (!valid_event(out.type))
    return fail(bridge_error::type);
  return {};
}

// As JSON: what is no JSON becomes a string.
std::optional<std::string> encoded(bridge_content kind, std::string_view payload) {
  std::string out;
  if (kind == bridge_content::text) {
    if (!valid_utf8(payload))
      return std::nullopt;
    append_json_string(out, payload);
  } else {
    out += '"';
    append_base64(out, payload);
    out += '"';
  }
  return out;
}

std::string members_of(const bridge_rule& rule, const bridge_payload& payload) {
  json_fields out;
  for (const auto& field : rule.fields)
    if (const auto found = payload.find(field.path); found.value)
      out.raw(field.as, found.value->raw());
  if (rule.data)
    out.raw("data", payload.raw());
  return std::string(out.view());
}

} // namespace

std::optional<picked_field> picked_field::parse(std::string_view text) {
  constexpr std::string_view renamed = " as ";
  const auto at = text.find(renamed);
  auto path = parse_field_path(text.substr(0, at));
  if (path.empty())
    return std::nullopt;
  if (at == std::string_view::npos) {
    auto own_name = path.back();
    return picked_field{std::move(path), std::move(own_name)};
  }
  const auto its_name = text.substr(at + renamed.size());
  auto name = parse_field_path(its_name);
  if (name.size() != 1 || its_name.find(renamed) != std::string_view::npos)
    return std::nullopt;
  return picked_field{std::move(path), std::move(name.front())};
}

bool may_bring(const bridge_rule& rule, std::string_view topic, std::string_view type) {
  // Where nothing is said of the type it is what a client's own publication has.
  return rule.to == bridge_target::topic && !rule.type.empty() && rule.type.may_become(type) &&
         rule.name.may_become(topic);
}

std::string_view explain(bridge_error error) {
  switch (error) {
  case bridge_error::subject:
    return "its subject does not match the rule";
  case bridge_error::payload:
    return "its payload is not what the rule takes";
  case bridge_error::size:
    return "its payload is too long";
  case bridge_error::field:
    return "a field that the rule needs is not there, or is no string and no number";
  case bridge_error::name:
    return "what the rule makes of it is no valid name";
  case bridge_error::type:
    return "what the rule makes of it is no valid type";
  case bridge_error::msg_id:
    return "its Nats-Msg-Id is longer than limits.id_bytes_max";
  }
  return {};
}

shaped shape(const bridge_rule& rule, std::string_view subject, std::string_view payload,
             std::size_t bytes_max) {
  captured wildcards;
  if (!capture(rule.subject, subject, wildcards))
    return fail(bridge_error::subject);
  if (payload.size() > bytes_max)
    return fail(bridge_error::size);
  bridge_payload content;
  const bool json = rule.payload == bridge_content::json;
  if (json && (!content.read(payload) || (!content.is_object() && reads_fields(rule))))
    return fail(bridge_error::payload);
  const bridge_template::source from{&wildcards, json ? &content : nullptr, {}, {}};
  bridged out;
  const auto done = address(rule, from, out).and_then([&] { return entitle(rule, from, out); });
  if (!done)
    return fail(done.error());
  if (json) {
    out.members = members_of(rule, content);
  } else {
    const auto text = encoded(rule.payload, payload);
    if (!text)
      return fail(bridge_error::payload);
    out.members = json_fields{}.raw("data", *text).view();
  }
  // Control characters in a text become six each, and a field may be picked twice.
  if (out.members.size() > 2 * bytes_max + name_bytes_max)
    return fail(bridge_error::size);
  return out;
}

bool valid_target_name(bridge_target to, std::string_view name) {
  // Users and roles are looked up, and their names go nowhere else.
  return to == bridge_target::user || to == bridge_target::role
           ? valid_user_id(name, admin::id_bytes_max)
           : valid_name(name);
}

bool free_for_fields(std::string_view key, bool data) {
  constexpr std::array<std::string_view, 9> taken{"type",      "topic", "room",  "id",  "offset",
                                                  "timestamp", "from",  "epoch", "prev"};
  return std::find(taken.begin(), taken.end(), key) == taken.end() && !(data && key == "data");
}

std::vector<bridge_rule> default_bridge_rules() {
  const auto filled_by = [](std::string_view text) { return bridge_template::parse(text).value(); };
  bridge_rule orders{"order.*"};
  orders.name = filled_by("{data.topic|order.update}");
  orders.type = filled_by("order_update");
  bridge_rule payments{"payment.completed"};
  payments.name = filled_by("payments");
  payments.type = filled_by("payment_completed");
  payments.data = false;
  payments.fields = {{"order_id"}, {"amount"}};
  bridge_rule notifications{"notification.*"};
  notifications.to = bridge_target::user;
  notifications.name = filled_by("{data.user_id}");
  notifications.or_everyone = true;
  notifications.type = filled_by("notification");
  notifications.fields = {{"message"}};
  return {orders, payments, notifications};
}

} // namespace troupe
