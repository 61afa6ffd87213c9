#include "server/config/namespace_section.hpp"

#include "server/log/printable.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>

namespace troupe {

namespace {

constexpr std::size_t list_max = 1000;
constexpr std::size_t role_bytes_max = 128;
constexpr std::string_view role_prefix = "role:";
constexpr std::string_view slow_consumer_names[] = {"close", "drop_oldest", "latest_only"};

// A text, or a list of them: its elements; or one that is no text, or too many.
using words = std::vector<std::pair<const config_value*, std::string_view>>;

result<words, value_error> words_of(const config_value& value) {
  const auto* list = std::get_if<config_value::list>(&value.data);
  if (list != nullptr && list->size() > list_max)
    return fail(value_error{"a list of " + std::to_string(list->size()), value.line, value.column});
  words found;
  for (const auto& entry : list != nullptr ? std::span(*list) : std::span(&value, 1)) {
    const auto* text = std::get_if<std::string>(&entry.data);
    if (text == nullptr)
      return fail(got(entry));
    found.emplace_back(&entry, *text);
  }
  return found;
}

struct patterns_kind {
  static value_check read(const config_value& value, value_range, std::vector<std::string>& into) {
    auto given = words_of(value);
    if (!given)
      return fail(std::move(given).error());
    for (const auto& [entry, text] : *given) {
      if (!name_pattern::parse(text))
        return fail(got(*entry));
      into.emplace_back(text);
    }
    if (into.empty())
      return fail(value_error{"an empty list", value.line, value.column});
    return {};
  }
  static std::string expected(value_range) {
    return "a pattern such as \"orders.*\", \"orders.>\" or \"user.{user_id}\", or a list of "
           "patterns";
  }
};

// The role in `role:NAME`; empty for anything else.
std::string_view role_in(std::string_view text) {
  if (!text.starts_with(role_prefix))
    return {};
  const auto role = text.substr(role_prefix.size());
  return role.size() <= role_bytes_max && is_printable(role) ? role : std::string_view{};
}

struct grant_kind {
  static value_check read(const config_value& value, value_range, grant& into) {
    auto given = words_of(value);
    if (!given)
      return fail(std::move(given).error());
    for (const auto& [entry, text] : *given) {
      // Beside "nobody" or "anyone" any other word would be a contradiction, or without effect.
      const bool alone = text == "nobody" || text == "anyone";
      if (alone && given->size() > 1)
        return fail(value_error{in_quotes(text) + " in a list", entry->line, entry->column});
      if (text == "anyone")
        into.general = grant::to::anyone;
      else if (text == "authenticated")
        into.general = grant::to::authenticated;
      else if (text == "permission")
        into.by_permission = true;
      else if (const auto role = role_in(text); !role.empty())
        into.roles.emplace_back(role);
      else if (text != "nobody")
        return fail(got(*entry));
    }
    return {};
  }
  static std::string expected(value_range) {
    return "\"nobody\", \"anyone\", \"authenticated\", \"role:NAME\" or \"permission\", or a list "
           "of the last three";
  }
};

struct roles_kind {
  static value_check read(const config_value& value, value_range, std::vector<std::string>& into) {
    auto given = words_of(value);
    if (!given)
      return fail(std::move(given).error());
    for (const auto& [entry, text] : *given) {
      const auto role = role_in(text);
      if (role.empty())
        return fail(got(*entry));
      into.emplace_back(role);
    }
    return {};
  }
  static std::string expected(value_range) { return "\"role:NAME\", or a list of these"; }
};

using slow_kind = kinds::one_of<slow_consumer, slow_consumer_names>;

namespace_rule read_namespace(config_section section) {
  namespace_rule out;
  section.read_required<patterns_kind>("match", {}, out.patterns);
  for (std::size_t what = 0; what < std::size(action_names); ++what)
    section.read<grant_kind>(action_names[what], {}, out.grants[what]);
  section.read<roles_kind>("deny", {}, out.denied_roles);
  section.read<kinds::integer>("message_bytes_max", {1, 16777216}, out.message_bytes_max);
  section.read<kinds::integer>("members_max", {1, 10000000}, out.members_max);
  section.read<kinds::integer>("messages_per_minute", {1, 1000000}, out.messages_per_minute);
  section.read<kinds::boolean>("patterns", {}, out.by_pattern);
  section.read<slow_kind>("slow_consumer", {}, out.slow);
  section.read<kinds::integer>("history_messages", {0, 1000000}, out.history_messages);
  section.read<kinds::integer>("history_bytes", {1024, 1073741824}, out.history_bytes);
  section.read<kinds::seconds>("history_seconds", {0, 31622400}, out.history_age);
  section.read<kinds::integer>("greet", {0, 1000}, out.greet);
  section.read<kinds::presence>("presence_mode", {}, out.presence);
  section.read<kinds::seconds>("presence_linger_seconds", {0, 3600}, out.presence_linger);
  section.read<kinds::integer>("joins_told_max", {0, 10000000}, out.joins_told_max);
  section.report_unknown();
  return out;
}

} // namespace

void read_namespaces(const config_value& value, file_errors& errors,
                     std::vector<namespace_rule>& into) {
  each_table(value, "namespace", errors,
             [&](config_section each) { into.push_back(read_namespace(std::move(each))); });
}

} // namespace troupe
