#include "server/config/load_config.hpp"

#include "server/config/bridge_section.hpp"
#include "server/config/bursts.hpp"
#include "server/config/capacity.hpp"
#include "server/config/config_keys.hpp"
#include "server/config/namespace_section.hpp"
#include "server/config/own_service.hpp"
#include "server/config/rpc_section.hpp"
#include "server/config/unknown_variable.hpp"
#include "server/log/printable.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

namespace troupe {

namespace {

using errors = std::vector<config_error>;

// Far beyond any configuration. The bound on a line also bounds how deep dotted keys can nest,
// since the TOML library descends one call for each of their parts.
constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr std::size_t line_bytes_max = 8 * 1024;

constexpr std::string_view variable_prefix = "TROUPE_";

std::optional<std::string> read_text(const std::string& file, errors& found) {
  auto fail = [&](std::string message) {
    found.push_back({file, 0, 0, "", std::move(message)});
    return std::nullopt;
  };
  std::error_code error;
  if (std::filesystem::is_directory(file, error))
    return fail("is a directory, expected a TOML file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return fail("cannot be read: " + std::system_category().message(errno));
  std::string text(file_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad())
    return fail("cannot be read: " + std::system_category().message(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

bool within_bounds(std::string_view text, const std::string& file, errors& found) {
  auto fail = [&](std::string message, std::uint32_t line = 0) {
    found.push_back({file, line, line == 0 ? 0u : 1u, "", std::move(message)});
    return false;
  };
  if (text.size() > file_bytes_max)
    return fail("expected at most " + std::to_string(file_bytes_max) + " bytes");
  std::uint32_t line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const auto end = std::min(text.find('\n', begin), text.size());
    if (end - begin > line_bytes_max)
      return fail("expected lines of at most " + std::to_string(line_bytes_max) + " bytes", line);
    begin = end + 1;
  }
  return true;
}

void read_scalars(config_section section, std::string_view name, config& into) {
  for (const auto& key : config_keys()) {
    if (key.section != name)
      continue;
    if (const auto* value = section.find(key.key))
      if (const auto done = key.read(*value, key.bounds, into); !done)
        section.report(done.error(), key.key, key.expected(key.bounds));
  }
  section.report_unknown();
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const auto& key : config_keys())
    if (names.empty() || names.back() != key.section)
      names.emplace_back(key.section);
  return names;
}

// What stands at the top of the file and is no section.
std::string about_stranger(const config_entry& entry, const std::vector<std::string>& sections) {
  if (std::holds_alternative<config_value::table>(entry.value.data))
    return "unknown section" + suggestion(entry.key, sections);
  for (const auto& key : config_keys())
    if (key.key == entry.key)
      return "unknown key outside of a section, did you mean " + full_name(key) + "?";
  return "unknown key outside of a section";
}

// Where the file says what: `limits.rooms_max`, `namespace[0]`, `namespace[0].match`.
void add_origins(const config_value& value, const std::string& path, const std::string& file,
                 value_origins& into) {
  into.add({path, value_origin::kind::file, file, value.line, value.column});
  if (const auto* table = std::get_if<config_value::table>(&value.data))
    for (const auto& entry : *table)
      add_origins(entry.value, path + '.' + entry.key, file, into);
  if (const auto* list = std::get_if<config_value::list>(&value.data))
    for (std::size_t i = 0; i < list->size(); ++i)
      if (std::holds_alternative<config_value::table>((*list)[i].data))
        add_origins((*list)[i], path + '[' + std::to_string(i) + ']', file, into);
}

void read_document(std::string_view text, const std::string& file, config& into,
                   config_result& result) {
  auto& found = result.errors;
  if (!within_bounds(text, file, found))
    return;
  const auto parsed = parse_toml(text, file);
  if (!parsed) {
    found.push_back(parsed.error());
    return;
  }
  for (const auto& entry : *parsed)
    add_origins(entry.value, entry.key, file, result.origins);
  const auto sections = section_names();
  file_errors in_file(file, found);
  for (const auto& entry : *parsed) {
    // A section that is not made of single values gets a branch of its own here.
    if (entry.key == "namespace")
      read_namespaces(entry.value, in_file, into.namespaces);
    else if (entry.key == "bridge")
      read_bridge_section(entry.value, in_file, into.bridge);
    else if (entry.key == "rpc")
      read_rpc_section(entry.value, in_file, into.rpc_allow);
    else if (std::ranges::find(sections, entry.key) == sections.end())
      in_file.add(entry, entry.key, about_stranger(entry, sections));
    else if (auto section = config_section::open(entry.value, entry.key, in_file))
      read_scalars(std::move(*section), entry.key, into);
  }
  std::ranges::stable_sort(found, {}, [](const config_error& error) {
    return std::pair{error.line, error.column};
  });
}

void read_loose(const config_key& key, const named_value& given, value_origin::kind from,
                config& into, config_result& result) {
  const config_value value{config_value::loose{given.value}, 0, 0};
  if (const auto done = key.read(value, key.bounds, into); !done)
    result.errors.push_back({given.name, 0, 0, full_name(key), mismatch(key, done.error())});
  result.origins.add({full_name(key), from, given.name});
}

void read_environment(const std::vector<named_value>& variables, config& into,
                      config_result& result) {
  for (const auto& given : variables) {
    // Compose files and unit files set what they have no value for to nothing.
    if (!given.name.starts_with(variable_prefix) || given.value.empty())
      continue;
    const auto key = std::ranges::find(config_keys(), given.name, variable);
    if (key != config_keys().end())
      read_loose(*key, given, value_origin::kind::variable, into, result);
    else if (auto said = about_unknown_variable(given.name, given.value); !said.empty())
      result.warnings.push_back({given.name, 0, 0, "", std::move(said)});
  }
}

void read_flags(const std::vector<named_value>& flags, config& into, config_result& result) {
  for (const auto& given : flags) {
    const auto known = std::ranges::find_if(config_keys(), [&](const config_key& key) {
      return given.name == flag(key) || given.name == flag_alias(key);
    });
    if (known == config_keys().end())
      result.errors.push_back({given.name, 0, 0, "", "no such flag"});
    else
      read_loose(*known, given, value_origin::kind::flag, into, result);
  }
}

// What no key is wrong in by itself.
void check_whole(const config& loaded, config_result& result) {
  for (const auto check : {own_service_errors, capacity_errors, burst_errors})
    if (result.errors.empty())
      result.errors = check(loaded, result.origins);
}

// Whoever wants a namespace for something else, such as its slow mode, may not want it closed.
void warn_of_silent_namespaces(const config& loaded, config_result& result) {
  for (std::size_t i = 0; i < loaded.namespaces.size(); ++i) {
    const auto table = "namespace[" + std::to_string(i) + ']';
    const auto says = [&](std::string_view action) {
      return result.origins.of(table + '.' + std::string(action)) != nullptr;
    };
    if (std::ranges::none_of(action_names, says))
      result.warnings.push_back(result.origins.about(
        table, "grants nothing: what matches it is closed to everybody; say to whom to subscribe, "
               "publish and join are granted, if only to \"nobody\""));
  }
}

config_result finish(config loaded, config_result result) {
  check_whole(loaded, result);
  warn_of_silent_namespaces(loaded, result);
  if (result.errors.empty())
    result.value = std::move(loaded);
  return result;
}

} // namespace

config_result load_config(const config_sources& sources) {
  config_result result;
  result.origins = value_origins(sources.file);
  config loaded;
  if (!sources.file.empty())
    if (const auto text = read_text(sources.file, result.errors))
      read_document(*text, sources.file, loaded, result);
  read_environment(sources.environment, loaded, result);
  read_flags(sources.flags, loaded, result);
  return finish(std::move(loaded), std::move(result));
}

config_result load_config_text(std::string_view text, const std::string& name) {
  config_result result;
  result.origins = value_origins(name);
  config loaded;
  read_document(text, name, loaded, result);
  return finish(std::move(loaded), std::move(result));
}

std::vector<named_value> process_environment() {
  std::vector<named_value> variables;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const auto equals = entry.find('=');
    if (entry.starts_with(variable_prefix) && equals != std::string_view::npos)
      variables.push_back(
        {std::string(entry.substr(0, equals)), std::string(entry.substr(equals + 1))});
  }
  return variables;
}

} // namespace troupe
