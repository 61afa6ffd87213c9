// Reads the `[[namespace]]` tables of the configuration: who may do what with which topics and
// rooms. Pure.
#pragma once

#include "server/config/config_value.hpp"
#include "troupe/access.hpp"

#include <string>
#include <vector>

namespace troupe {

/// Appends one entry to `into` for each table of `value`; what is wrong goes to `errors`.
void read_namespaces(const config_value& value, const std::string& file,
                     std::vector<namespace_rule>& into, std::vector<config_error>& errors);

} // namespace troupe
