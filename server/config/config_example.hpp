// The example of a configuration file: docs/troupe.example.toml, to the letter. Pure.
#pragma once

#include <string>

namespace troupe {

/// Every key with what it means, its bounds and its default, and every table that may stand in the
/// file any number of times, as a comment (example_tables.toml).
std::string config_example();

} // namespace troupe
