// The kinds of value that only the tables of `[bridge]` have, in the form of config_kinds.hpp.
// Pure.
#pragma once

#include "server/config/list_kinds.hpp"
#include "troupe/bus/bridge_rule.hpp"
#include "troupe/bus/publish_rule.hpp"

#include <string>
#include <vector>

namespace troupe::kinds {

/// A subject to listen to.
struct subject {
  static value_check read(const config_value& value, value_range, std::string& into);
  static std::string expected(value_range);
};

/// The name of a queue group.
struct queue {
  static value_check read(const config_value& value, value_range, std::string& into);
  static std::string expected(value_range);
};

/// A text with holes. What may stand in them depends on the other keys.
struct holes {
  static value_check read(const config_value& value, value_range, bridge_template& into);
  static std::string expected(value_range);
};

struct field_path_entry : plain_entry {
  static constexpr std::size_t entries_max = 64;
  static std::optional<picked_field> parse(const std::string& text, value_range);
};

/// A list of fields of a payload, as paths.
struct field_paths : list_of<field_path_entry> {
  static std::string expected(value_range);
};

/// What is published: topics or rooms by a pattern, or the life cycle.
struct publish_source {
  static value_check read(const config_value& value, value_range, publish_rule& into);
  static std::string expected(value_range);
};

/// A list of names of life-cycle events.
struct life_cycle {
  static value_check read(const config_value& value, value_range, std::array<bool, 4>& into);
  static std::string expected(value_range);
};

using bridge_payload = one_of<bridge_content, bridge_content_names>;

} // namespace troupe::kinds
