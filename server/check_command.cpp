#include "server/check_command.hpp"

#include "server/config/config_keys.hpp"
#include "server/config/exposure.hpp"
#include "server/explain.hpp"
#include "server/startup.hpp"

#include <algorithm>
#include <ostream>

namespace troupe {

namespace {

exit_code refuse_file(const std::vector<config_error>& errors, std::ostream& out) {
  for (const auto& error : errors)
    out << to_string(error) << '\n';
  return exit_invalid_config;
}

void tell_variables(const config& settings, const value_origins& origins, std::ostream& out) {
  for (const auto& origin : origins.deciding(value_origin::kind::variable)) {
    const auto key = std::ranges::find(config_keys(), origin.key, full_name);
    out << origin.source << ": " << origin.key << " = " << key->show(settings) << '\n';
  }
}

exit_code tell_explanation(const check_command& check, const config_result& loaded,
                           std::ostream& out) {
  const auto told = explain(*loaded.value, loaded.origins, check.explain);
  out << (told ? *told : "--explain: " + told.error() + '\n');
  return told ? exit_ok : exit_usage;
}

} // namespace

exit_code run_check(const check_command& check, std::ostream& out) {
  auto loaded = load_config(check.sources);
  if (!loaded.value)
    return refuse_file(loaded.errors, out);
  if (!check.explain.empty())
    return tell_explanation(check, loaded, out);
  const auto& file = check.sources.file;
  tell_variables(*loaded.value, loaded.origins, out);
  for (const auto& warning : loaded.warnings)
    out << "warning: " << to_string(warning) << '\n';
  for (const auto& warning : exposure_warnings(*loaded.value))
    out << file << ": warning: " << warning << '\n';
  if (const auto prepared = prepare(*std::move(loaded.value), loaded.origins); !prepared)
    return refuse_file(prepared.error(), out);
  out << file << ": ok\n";
  return exit_ok;
}

} // namespace troupe
