// The only file that knows the TOML library. Header-only and without exceptions: the packaged
// shared library is built the other way, so this file must not be compiled with its build flags.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16

#include "server/config/config_value.hpp"
#include "server/log/printable.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace troupe {

namespace {

// Deeper tables than any section has. Bounds the recursion below; `a.b.c...` nests without
// brackets.
constexpr int depth_max = 16;

config_value::table convert_table(const toml::table& table, int depth);

std::string_view name_of_misfit(const toml::node& node) {
  switch (node.type()) {
  case toml::node_type::date:
    return "a date";
  case toml::node_type::time:
    return "a time";
  case toml::node_type::date_time:
    return "a date with a time";
  default:
    return "tables nested too deeply";
  }
}

config_value convert(const toml::node& node, int depth) {
  config_value value{config_value::misfit{name_of_misfit(node)}, node.source().begin.line,
                     node.source().begin.column};
  if (const auto* text = node.as_string())
    value.data = text->get();
  else if (const auto* integer = node.as_integer())
    value.data = integer->get();
  else if (const auto* fraction = node.as_floating_point())
    value.data = fraction->get();
  else if (const auto* truth = node.as_boolean())
    value.data = truth->get();
  else if (const auto* table = node.as_table(); table != nullptr && depth < depth_max)
    value.data = convert_table(*table, depth + 1);
  else if (const auto* array = node.as_array(); array != nullptr && depth < depth_max) {
    config_value::list list;
    for (const auto& element : *array)
      list.push_back(convert(element, depth + 1));
    value.data = std::move(list);
  }
  return value;
}

config_value::table convert_table(const toml::table& table, int depth) {
  config_value::table out;
  for (const auto& [key, node] : table) {
    const auto& at = key.source().begin;
    out.push_back({std::string(key.str()), at.line, at.column, convert(node, depth)});
  }
  std::ranges::stable_sort(out, {}, [](const config_entry& entry) {
    return std::pair{entry.line, entry.column};
  });
  return out;
}

bool is_one_character(std::string_view content) {
  const auto starts = std::ranges::count_if(content, [](char c) { return (c & 0xc0) != 0x80; });
  return starts == 1 || (content.size() == 2 && content[0] == '\\');
}

// What to show for something the library quotes after `before`. That could be a secret that lost
// its quotation marks: only single characters, and what the library expected, are shown.
std::string instead_of(std::string_view content, std::string_view before) {
  if (content == "\\n" && before.ends_with("saw "))
    return "the end of the line";
  if (is_one_character(content) || before.ends_with("expected "))
    return std::string("'").append(content).append("'");
  return before.ends_with("saw ") ? "something else" : "this";
}

std::string without_content(std::string_view reason) {
  // These quote names of keys and tables.
  if (reason.find("cannot redefine") != std::string_view::npos ||
      reason.find("cannot insert") != std::string_view::npos)
    return std::string(reason);
  std::string out;
  while (true) {
    const auto open = reason.find('\'');
    const auto close = open == std::string_view::npos ? open : reason.find('\'', open + 1);
    if (close == std::string_view::npos)
      return out.append(reason);
    const auto before = reason.substr(0, open);
    out.append(before).append(instead_of(reason.substr(open + 1, close - open - 1), before));
    reason.remove_prefix(close + 1);
  }
}

} // namespace

std::variant<config_value::table, config_error> parse_toml(std::string_view text,
                                                           const std::string& file) {
  const auto result = toml::parse(text, file);
  if (result)
    return convert_table(result.table(), 0);
  const auto& error = result.error();
  const auto& at = error.source().begin;
  std::string message = "not TOML: ";
  append_escaped(message, without_content(error.description()), escape_style::text, 300);
  return config_error{file, at.line, at.column, "", std::move(message)};
}

} // namespace troupe
