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

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class config_section {
public:
  /// `path` is how errors call the table: `limits`, `namespace[0]`. `table` must outlive this.
  config_section(const config_value::table& table, std::string path, std::string file,
                 std::vector<config_error>& errors);

  /// The value of `key`, or null where the file has none. Either way the key is a known one.
  const config_value* find(std::string_view key);

  /// Sets `into` where the file has `key`, or reports what is wrong with it.
  template <class Kind, class T>
  void read(std::string_view key, value_range bounds, T& into) {
    if (const auto* value = find(key))
      if (const auto fault = Kind::read(*value, bounds, into))
        report(*fault, key, Kind::expected(bounds));
  }

  void report(const value_error& fault, std::string_view key, std::string_view expected);

  /// Reports every key of the table that was not asked for, with the known one it is nearest to.
  void report_unknown();

private:
  const config_value::table& table_;
  std::string path_;
  std::string file_;
  std::vector<config_error>& errors_;
  std::vector<std::string> known_;
};

} // namespace troupe
