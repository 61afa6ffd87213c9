#include "server/config/bridge_kinds.hpp"

#include "server/log/printable.hpp"
#include "troupe/access.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/subject_pattern.hpp"

#include <algorithm>

namespace troupe::kinds {

value_check subject::read(const config_value& value, value_range, std::string& into) {
  const auto* given = text_of(value);
  if (given == nullptr || !valid_subject_pattern(*given))
    return fail(got(value));
  into = *given;
  return {};
}

std::string subject::expected(value_range) {
  return "a subject such as \"order.*.created\" or \"events.>\"";
}

value_check queue::read(const config_value& value, value_range, std::string& into) {
  const auto* given = text_of(value);
  if (given == nullptr || !valid_subject(*given))
    return fail(got(value));
  into = *given;
  return {};
}

std::string queue::expected(value_range) {
  return "the name of a queue group, without spaces and wildcards";
}

value_check holes::read(const config_value& value, value_range, bridge_template& into) {
  const auto* given = text_of(value);
  if (given == nullptr || given->empty() || given->size() > bridge_template::bytes_max ||
      !is_printable(*given))
    return fail(got(value));
  auto parsed = bridge_template::parse(*given);
  if (!parsed)
    return fail(value_error{describe(value) + " with " + in_quotes(parsed.error()), value.line,
                            value.column});
  into = *std::move(parsed);
  return {};
}

std::string holes::expected(value_range) {
  return "text such as \"orders.{1}\" or \"{data.topic|order.update}\"";
}

std::optional<picked_field> field_path_entry::parse(const std::string& text, value_range) {
  return picked_field::parse(text);
}

std::string field_paths::expected(value_range) {
  return "a list of fields such as [\"order_id\", \"customer.name\", \"from as sender\"]";
}

value_check publish_source::read(const config_value& value, value_range, publish_rule& into) {
  using source = publish_rule::source;
  const auto* given = text_of(value);
  if (given == nullptr)
    return fail(got(value));
  if (*given == "lifecycle") {
    into.from = source::life_cycle;
    return {};
  }
  const auto colon = std::min(given->find(':'), given->size());
  const std::string kind = given->substr(0, colon);
  into.pattern = given->substr(std::min(colon + 1, given->size()));
  if ((kind != "topic" && kind != "room") || !valid_pattern(into.pattern))
    return fail(got(value));
  into.from = kind == "topic" ? source::topics : source::rooms;
  return {};
}

std::string publish_source::expected(value_range) {
  return "\"topic:PATTERN\", \"room:PATTERN\" such as \"room:>\", or \"lifecycle\"";
}

value_check life_cycle::read(const config_value& value, value_range, std::array<bool, 4>& into) {
  const auto* list = std::get_if<config_value::list>(&value.data);
  if (list == nullptr || list->empty())
    return fail(got(value));
  into.fill(false);
  for (const auto& entry : *list) {
    const auto* given = text_of(entry);
    const auto found =
      given != nullptr ? std::ranges::find(life_cycle_names, *given) : life_cycle_names.end();
    if (found == life_cycle_names.end())
      return fail(got(entry));
    into[static_cast<std::size_t>(found - life_cycle_names.begin())] = true;
  }
  return {};
}

std::string life_cycle::expected(value_range) {
  return "a list of connected, disconnected, occupied and vacated";
}

} // namespace troupe::kinds
