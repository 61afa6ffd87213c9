// Any text as a configuration file: it is loaded or refused, what is said about it fits on one
// line, and what was loaded can be used and written down again.
#include "server/config/config_keys.hpp"
#include "server/config/exposure.hpp"
#include "server/config/list_kinds.hpp"
#include "server/config/load_config.hpp"
#include "server/log/printable.hpp"
#include "tests/fuzz/check.hpp"
#include "troupe/access.hpp"

#include <cstdint>
#include <iterator>

namespace troupe {
namespace {

using test::check;

void look_at(const config_error& error) {
  const auto line = to_string(error);
  check(is_printable(line), "an error is one line of text");
  check(line.starts_with("f:"), "an error begins with its file");
  check(line.size() < 2000, "an error is short");
  check((error.line == 0) == (error.column == 0), "a place is whole");
}

// A value that was accepted is accepted again when it is written as the key shows it.
void look_at(const config& settings, const config_key& key) {
  const auto shown = key.show(settings);
  check(!shown.empty() && is_printable(shown), "a value can be shown");
  if (key.placeholder == kinds::secrets::placeholder)
    return;
  const auto text = "[" + std::string(key.section) + "]\n" + std::string(key.key) + " = " + shown;
  const auto again = load_config_text(text, "f");
  check(again.value && key.show(*again.value) == shown, "a shown value comes back");
}

void look_at(const config& settings) {
  const access_rules rules(settings.namespaces);
  for (const auto& space : settings.namespaces) {
    check(!space.patterns.empty(), "a namespace matches something");
    for (const auto& pattern : space.patterns)
      check(name_pattern::parse(pattern).has_value(), "a namespace has valid patterns");
  }
  const identity ada{"ada", "ada", {"admin"}, {"join:a.*", "subscribe:>"}, "", {}};
  for (const auto* name : {"a", "a.b", "orders.new.eu"})
    for (std::size_t what = 0; what < std::size(action_names); ++what) {
      const bool somebody = rules.allow(static_cast<action>(what), name, &ada);
      const bool listed = settings.namespaces.empty() || rules.of(name) != nullptr;
      check(listed || !somebody, "what no namespace matches is closed");
    }
  for (const auto& warning : exposure_warnings(settings))
    check(is_printable(warning), "a warning is one line of text");
}

} // namespace
} // namespace troupe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto result = load_config_text(text, "f");
  check(result.value.has_value() == result.errors.empty(), "a configuration, or errors");
  for (const auto& error : result.errors)
    look_at(error);
  if (result.value) {
    look_at(*result.value);
    for (const auto& key : config_keys())
      look_at(*result.value, key);
  }
  return 0;
}
