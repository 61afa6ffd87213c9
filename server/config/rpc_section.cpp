#include "server/config/rpc_section.hpp"

#include "server/config/list_kinds.hpp"
#include "server/log/printable.hpp"

#include <optional>

namespace troupe {

value_check kinds::service_name::read(const config_value& value, value_range, std::string& into) {
  std::string name;
  auto done = text::read(value, {1, rpc_name_bytes_max}, name);
  if (done && !valid_rpc_name(name))
    done = fail(got(value));
  if (done)
    into = std::move(name);
  return done;
}

std::string kinds::service_name::expected(value_range bounds) {
  return "a name of " + range(bounds);
}

std::string kinds::service_name::range(value_range) {
  return "1 to 64 of A-Z a-z 0-9 _ -";
}

namespace {

struct rpc_method_kind {
  static value_check read(const config_value& value, value_range bounds, std::string& into) {
    if (const auto* text = std::get_if<std::string>(&value.data); text != nullptr && *text == "*") {
      into = *text;
      return {};
    }
    return kinds::service_name::read(value, bounds, into);
  }
  static std::string expected(value_range bounds) {
    return "\"*\" or " + kinds::service_name::expected(bounds);
  }
};

struct role_entry : kinds::plain_entry {
  static constexpr std::size_t entries_min = 1;
  static constexpr std::size_t entries_max = 1000;
  static std::optional<std::string> parse(const std::string& text, value_range) {
    constexpr std::size_t bytes_max = 128;
    const bool fine = !text.empty() && text.size() <= bytes_max && is_printable(text);
    return fine ? std::optional(text) : std::nullopt;
  }
};

struct role_list_kind : kinds::list_of<role_entry> {
  static std::string expected(value_range) { return "a list of roles"; }
};

rpc_rule read_rule(config_section section) {
  rpc_rule out;
  section.read_required<kinds::service_name>("service", {}, out.service);
  section.read_required<rpc_method_kind>("method", {}, out.method);
  section.read<role_list_kind>("roles", {}, out.roles);
  section.read<kinds::text>("permission", {1, 256}, out.permission);
  section.read<kinds::boolean>("anonymous", {}, out.anonymous);
  section.read<kinds::integer>("per_minute", {0, 1'000'000}, out.per_minute);
  section.read<kinds::seconds>("timeout_seconds", {0.05, 300}, out.timeout);
  // One of the two would be without effect, and which one is meant cannot be guessed.
  const auto* open = section.find("anonymous");
  if (open != nullptr && out.anonymous && (!out.roles.empty() || !out.permission.empty()))
    section.report(got(*open), "anonymous", "no true beside roles or permission");
  section.report_unknown();
  return out;
}

} // namespace

void read_rpc_section(const config_value& value, file_errors& errors, std::vector<rpc_rule>& into) {
  auto section = config_section::open(value, "rpc", errors, "tables that begin with [[rpc.allow]]");
  if (!section)
    return;
  if (const auto* allow = section->find("allow"))
    each_table(*allow, "rpc.allow", errors,
               [&](config_section each) { into.push_back(read_rule(std::move(each))); });
  section->report_unknown();
}

} // namespace troupe
