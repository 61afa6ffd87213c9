#include "server/config/config_section.hpp"

#include "server/config/config_keys.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr std::size_t tables_max = 1000;

} // namespace

file_errors::file_errors(std::string file, std::vector<config_error>& into)
  : file_(std::move(file)),
    into_(into) {}

config_section::config_section(const config_value& at, std::string path, file_errors& errors)
  : at_(at),
    path_(std::move(path)),
    errors_(errors) {}

std::optional<config_section> config_section::open(const config_value& value, std::string path,
                                                   file_errors& errors, std::string_view expected) {
  if (std::holds_alternative<config_value::table>(value.data))
    return config_section(value, std::move(path), errors);
  errors.add(value, std::move(path),
             "expected " + std::string(expected) + ", got " + describe_secret(value));
  return std::nullopt;
}

const config_value* config_section::find(std::string_view key) {
  known_.emplace_back(key);
  return troupe::find(table(), key);
}

const config_value* config_section::require(std::string_view key, std::string_view expected) {
  const auto* value = find(key);
  if (value == nullptr)
    report({"nothing", at_.line, at_.column}, key, expected);
  return value;
}

void config_section::report(const value_error& error, std::string_view key,
                            std::string_view expected) {
  errors_.add(error, path_ + '.' + std::string(key),
              "expected " + std::string(expected) + ", got " + error.got);
}

void config_section::report_unknown() {
  for (const auto& entry : table()) {
    if (std::ranges::find(known_, entry.key) != known_.end())
      continue;
    auto message = "unknown key" + suggestion(entry.key, known_);
    // The right key in the wrong section.
    for (const auto& key : config_keys())
      if (key.key == entry.key)
        message = "unknown key, did you mean " + full_name(key) + "?";
    errors_.add(entry, path_ + '.' + entry.key, std::move(message));
  }
}

void each_table(const config_value& value, const std::string& path, file_errors& errors,
                const std::function<void(config_section)>& take) {
  const auto* list = std::get_if<config_value::list>(&value.data);
  if (list == nullptr)
    return errors.add(value, path,
                      "expected tables that begin with [[" + path + "]], got " +
                        describe_secret(value));
  if (list->size() > tables_max)
    return errors.add(value, path,
                      "expected at most " + std::to_string(tables_max) + " tables, got " +
                        std::to_string(list->size()));
  for (const auto& entry : *list) {
    auto name = path + '[' + std::to_string(&entry - list->data()) + ']';
    if (auto section = config_section::open(entry, std::move(name), errors))
      take(std::move(*section));
  }
}

} // namespace troupe
