// One table of the configuration file, read key by key. Pure.
//
// A section of plain values is read by the table of config.def. A section of another shape (an
// array of tables, say) is a function of its own that reads with this class, so that its errors
// look the same:
//
//   void read_namespace(config_section section, namespace_config& into) {
//     section.read<kinds::text>("name", {1, 128}, into.name);
//     section.report_unknown();
//   }
#pragma once

#include "server/config/config_kinds.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What is wrong with one file, as it is found.
class file_errors {
public:
  /// `file` is how errors call it. `into` must outlive this.
  file_errors(std::string file, std::vector<config_error>& into);

  /// `at` is a value or an entry, or anything else with a line and a column.
  template <class Place>
  void add(const Place& at, std::string key, std::string message) {
    into_.push_back({file_, at.line, at.column, std::move(key), std::move(message)});
  }

private:
  std::string file_;
  std::vector<config_error>& into_;
};

class config_section {
public:
  /// The table that `value` is; else reports that what begins with `expected` was expected there.
  /// `path` is how errors call it: `limits`, `namespace[0]`. Both must outlive the section.
  static std::optional<config_section> open(const config_value& value, std::string path,
                                            file_errors& errors,
                                            std::string_view expected = "a table");

  /// The value of `key`, or null where the file has none. Either way the key is a known one.
  const config_value* find(std::string_view key);

  /// Sets `into` where the file has `key`, or reports what is wrong with it.
  template <class Kind, class T>
  void read(std::string_view key, value_range bounds, T& into) {
    if (const auto* value = find(key))
      if (const auto done = Kind::read(*value, bounds, into); !done)
        report(done.error(), key, Kind::expected(bounds));
  }

  template <class Kind, class T>
  void read(std::string_view key, value_range bounds, std::optional<T>& into) {
    T value{};
    if (find(key) != nullptr) {
      read<Kind>(key, bounds, value);
      into = std::move(value);
    }
  }

  /// The same, and reports where the file has no `key`.
  template <class Kind, class T>
  void read_required(std::string_view key, value_range bounds, T& into) {
    if (require(key, Kind::expected(bounds)) != nullptr)
      read<Kind>(key, bounds, into);
  }

  /// The value of `key`; where there is none, reports that.
  const config_value* require(std::string_view key, std::string_view expected);

  void report(const value_error& error, std::string_view key, std::string_view expected);

  /// Reports every key of the table that was not asked for, with the known one it is nearest to.
  void report_unknown();

private:
  config_section(const config_value& at, std::string path, file_errors& errors);
  const config_value::table& table() const { return std::get<config_value::table>(at_.data); }

  const config_value& at_; // a table
  std::string path_;
  file_errors& errors_;
  std::vector<std::string> known_;
};

/// Calls `take` for each table of `[[path]]`, which `value` should be: a list of tables.
void each_table(const config_value& value, const std::string& path, file_errors& errors,
                const std::function<void(config_section)>& take);

} // namespace troupe
