#include "server/config/rpc_section.hpp"

#include "server/config/config_section.hpp"
#include "server/log/printable.hpp"

#include <algorithm>
#include <optional>

namespace troupe {

value_check kinds::service_name::read(const config_value& value, value_range, std::string& into) {
  std::string name;
  auto wrong = text::read(value, {1, rpc_name_bytes_max}, name);
  if (!wrong && !valid_rpc_name(name))
    wrong = value_error{describe(value), value.line, value.column};
  if (!wrong)
    into = std::move(name);
  return wrong;
}

std::string kinds::service_name::show(const std::string& value) {
  return text::show(value);
}

std::string kinds::service_name::expected(value_range bounds) {
  return "a name of " + range(bounds);
}

std::string kinds::service_name::range(value_range) {
  return "1 to 64 of A-Z a-z 0-9 _ -";
}

namespace {

constexpr std::size_t rules_max = 1000;
constexpr std::size_t roles_max = 1000;
constexpr std::size_t role_bytes_max = 128;

value_error fault(const config_value& value) {
  return {describe(value), value.line, value.column};
}

struct rpc_method_kind {
  static value_check read(const config_value& value, value_range bounds, std::string& into) {
    if (const auto* text = std::get_if<std::string>(&value.data); text != nullptr && *text == "*") {
      into = *text;
      return std::nullopt;
    }
    return kinds::service_name::read(value, bounds, into);
  }
  static std::string expected(value_range bounds) {
    return "\"*\" or " + kinds::service_name::expected(bounds);
  }
};

struct role_list_kind {
  static value_check read(const config_value& value, value_range, std::vector<std::string>& into) {
    const auto* list = std::get_if<config_value::list>(&value.data);
    if (list == nullptr || list->empty() || list->size() > roles_max)
      return fault(value);
    for (const auto& entry : *list) {
      const auto* text = std::get_if<std::string>(&entry.data);
      if (text == nullptr || text->empty() || text->size() > role_bytes_max || !is_printable(*text))
        return fault(entry);
      into.push_back(*text);
    }
    return std::nullopt;
  }
  static std::string expected(value_range) { return "a list of roles"; }
};

rpc_rule read_rule(config_section section, const config_value& at) {
  rpc_rule out;
  const value_error nothing{"nothing", at.line, at.column};
  if (section.find("service") == nullptr)
    section.report(nothing, "service", kinds::service_name::expected({}));
  if (section.find("method") == nullptr)
    section.report(nothing, "method", rpc_method_kind::expected({}));
  section.read<kinds::service_name>("service", {}, out.service);
  section.read<rpc_method_kind>("method", {}, out.method);
  section.read<role_list_kind>("roles", {}, out.roles);
  section.read<kinds::text>("permission", {1, 256}, out.permission);
  section.read<kinds::boolean>("anonymous", {}, out.anonymous);
  section.read<kinds::integer>("per_minute", {0, 1'000'000}, out.per_minute);
  section.read<kinds::seconds>("timeout_seconds", {0.05, 300}, out.timeout);
  // One of the two would be without effect, and which one is meant cannot be guessed.
  const auto* open = section.find("anonymous");
  if (open != nullptr && out.anonymous && (!out.roles.empty() || !out.permission.empty()))
    section.report(fault(*open), "anonymous", "no true beside roles or permission");
  section.report_unknown();
  return out;
}

} // namespace

void read_rpc_section(const config_value& value, const std::string& file,
                      std::vector<rpc_rule>& into, std::vector<config_error>& errors) {
  const auto refuse = [&](const config_value& at, std::string key, std::string got) {
    errors.push_back({file, at.line, at.column, std::move(key), std::move(got)});
  };
  const auto* table = std::get_if<config_value::table>(&value.data);
  if (table == nullptr)
    return refuse(value, "rpc",
                  "expected tables that begin with [[rpc.allow]], got " + describe_secret(value));
  config_section section(*table, "rpc", file, errors);
  const auto* allow = section.find("allow");
  section.report_unknown();
  if (allow == nullptr)
    return;
  const auto* list = std::get_if<config_value::list>(&allow->data);
  if (list == nullptr)
    return refuse(*allow, "rpc.allow",
                  "expected tables that begin with [[rpc.allow]], got " + describe_secret(*allow));
  if (list->size() > rules_max)
    return refuse(*allow, "rpc.allow",
                  "expected at most " + std::to_string(rules_max) + " tables, got " +
                    std::to_string(list->size()));
  for (const auto& entry : *list) {
    auto path = "rpc.allow[" + std::to_string(&entry - list->data()) + ']';
    if (const auto* rule = std::get_if<config_value::table>(&entry.data))
      into.push_back(read_rule(config_section(*rule, std::move(path), file, errors), entry));
    else
      refuse(entry, std::move(path), "expected a table, got " + describe_secret(entry));
  }
}

} // namespace troupe
