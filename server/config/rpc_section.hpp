// Reads the `[[rpc.allow]]` tables of the configuration: which services clients may call. Pure.
#pragma once

#include "server/config/config_section.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <vector>

namespace troupe {

/// `value` is what the file has under `rpc`. Appends one entry to `into` for each table of its
/// `allow`; what is wrong goes to `errors`.
void read_rpc_section(const config_value& value, file_errors& errors, std::vector<rpc_rule>& into);

} // namespace troupe
