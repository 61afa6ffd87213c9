#include "server/config/config_section.hpp"

#include "server/config/config_keys.hpp"

#include <algorithm>

namespace troupe {

config_section::config_section(const config_value::table& table, std::string path, std::string file,
                               std::vector<config_error>& errors)
  : table_(table),
    path_(std::move(path)),
    file_(std::move(file)),
    errors_(errors) {}

const config_value* config_section::find(std::string_view key) {
  known_.emplace_back(key);
  const auto entry = std::ranges::find(table_, key, &config_entry::key);
  return entry == table_.end() ? nullptr : &entry->value;
}

void config_section::report(const value_error& fault, std::string_view key,
                            std::string_view expected) {
  errors_.push_back({file_, fault.line, fault.column, path_ + '.' + std::string(key),
                     "expected " + std::string(expected) + ", got " + fault.got});
}

void config_section::report_unknown() {
  for (const auto& entry : table_) {
    if (std::ranges::find(known_, entry.key) != known_.end())
      continue;
    auto message = "unknown key" + suggestion(entry.key, known_);
    // The right key in the wrong section.
    for (const auto& key : config_keys())
      if (key.key == entry.key)
        message = "unknown key, did you mean " + full_name(key) + "?";
    errors_.push_back(
      {file_, entry.line, entry.column, path_ + '.' + entry.key, std::move(message)});
  }
}

} // namespace troupe
