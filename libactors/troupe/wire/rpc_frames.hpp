// What a service answers to a call. Pure.
#pragma once

#include "troupe/wire/result.hpp"

#include <cstddef>
#include <string_view>

namespace troupe {

/// The JSON of `result` in `answer`, which is what a service sent back (protocol, "NATS"): a slice
/// of it. `{"error":…}` of the service keeps its text, cut to 500 bytes: code `bad_request` where
/// it did not take the arguments, `not_found` where it has no such method,
/// `insufficient_permissions` where it refused, `internal` for the rest. An answer that is none, or
/// has more than `bytes_max`, is `internal` too.
result<std::string_view> read_rpc_answer(std::string_view answer, std::size_t bytes_max);

} // namespace troupe
