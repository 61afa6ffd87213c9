// The header by which a caller of the server-side API marks a request that it may repeat:
// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07). Pure.
#pragma once

#include "server/net/http.hpp"
#include "troupe/wire/limits.hpp"
#include "troupe/wire/result.hpp"

#include <string>
#include <string_view>

namespace troupe {

inline constexpr std::string_view idempotency_key_field = "Idempotency-Key";

/// The key, or nothing where there is none. It comes once, as a string in quotes (RFC 8941 section
/// 3.3.3), as the draft has it, or plain, as most clients write it: visible ASCII of at most
/// `bounds.id_bytes_max` bytes. Anything else is an error that names the header.
result<std::string> idempotency_key(const http_header& header, const limits& bounds);

} // namespace troupe
