#include "server/config/capacity.hpp"

#include "server/config/config_keys.hpp"
#include "server/settings/thread_counts.hpp"
#include "troupe/wire/ids.hpp"

#include <algorithm>
#include <ranges>

namespace troupe {

namespace {

constexpr std::string_view section = "limits";
constexpr std::string_view name = "connections_max";

const config_key& connections_key() {
  return *std::ranges::find_if(
    config_keys(), [](const config_key& key) { return key.section == section && key.key == name; });
}

// The last of `given` that is called `name`, or null.
const named_value* last(const std::vector<named_value>& given, const std::string& called) {
  const auto backwards = given | std::views::reverse;
  const auto found = std::ranges::find(backwards, called, &named_value::name);
  return found == backwards.end() ? nullptr : &*found;
}

// The error that blames who has said how many connections: a flag, else a variable, else the file.
config_error blame(const config_value::table& document, const config_sources& sources) {
  const auto& key = connections_key();
  config_error out{sources.file, 0, 0, full_name(key), {}};
  const auto* given = last(sources.flags, flag(key));
  if (given == nullptr)
    given = last(sources.environment, variable(key));
  const auto* in = find(document, section);
  if (given != nullptr) {
    out.source = given->name;
  } else if (const auto* at = in ? find(std::get<config_value::table>(in->data), name) : nullptr) {
    out.line = at->line;
    out.column = at->column;
  }
  return out;
}

} // namespace

std::vector<config_error> capacity_errors(const config& settings,
                                          const config_value::table& document,
                                          const config_sources& sources) {
  const auto loops = counts_for(settings.server).loops;
  const auto places = std::uint64_t{loops} * connection_id::slots_max;
  if (settings.limits.connections_max <= places)
    return {};
  auto error = blame(document, sources);
  error.message = "expected at most " + std::to_string(places) + " on " + std::to_string(loops) +
                  (loops == 1 ? " loop" : " loops") + " (server.loops), got " +
                  std::to_string(settings.limits.connections_max);
  return {std::move(error)};
}

} // namespace troupe
