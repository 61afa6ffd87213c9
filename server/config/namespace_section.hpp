// Reads the `[[namespace]]` tables of the configuration: who may do what with which topics and
// rooms. Pure.
#pragma once

#include "server/config/config_section.hpp"
#include "troupe/access.hpp"

#include <vector>

namespace troupe {

/// Appends one entry to `into` for each table of `value`; what is wrong goes to `errors`.
void read_namespaces(const config_value& value, file_errors& errors,
                     std::vector<namespace_rule>& into);

} // namespace troupe
