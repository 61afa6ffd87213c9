// Reads the `[[rpc.allow]]` tables of the configuration: which services clients may call. Pure.
#pragma once

#include "server/config/config_value.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <string>
#include <vector>

namespace troupe {

/// `value` is what the file has under `rpc`. Appends one entry to `into` for each table of its
/// `allow`; what is wrong goes to `errors`.
void read_rpc_section(const config_value& value, const std::string& file,
                      std::vector<rpc_rule>& into, std::vector<config_error>& errors);

} // namespace troupe
