// `troupe check --explain`: who may do what by a configuration, and which rule says so. Asks the
// rules that the server asks. Pure.
#pragma once

#include "server/config/value_origins.hpp"
#include "server/settings/config.hpp"
#include "troupe/wire/result.hpp"

#include <string>
#include <vector>

namespace troupe {

/// `words` say who asks for what: `user=u1`, `roles=a,b`, `permissions=subscribe:orders.*` (without
/// `user`, an anonymous one), and at least one of `subscribe=NAME`, `publish=NAME`, `join=NAME`,
/// `presence=NAME`, `history=NAME`, `rpc=SERVICE.METHOD`. Returns lines; the error is about the
/// words.
text_result<std::string> explain(const config& settings, const value_origins& origins,
                                 const std::vector<std::string>& words);

} // namespace troupe
