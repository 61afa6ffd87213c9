// Names of rooms and topics, and patterns: what the server would refuse is refused here, so that
// one bad name does not spoil a whole `subscribe`. Pure.
#pragma once

#include <string_view>

namespace troupe_client::detail {

bool valid_name(std::string_view name);

/// With `*` for a part or `>` for the rest.
bool is_pattern(std::string_view name);
bool valid_pattern(std::string_view pattern);

bool matches(std::string_view pattern, std::string_view name);

} // namespace troupe_client::detail
