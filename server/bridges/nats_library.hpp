// The end of nats.c in this process. Thread-safe; may be begun anew afterwards.
#pragma once

#include <nats/nats.h>

#include <cstdint>

namespace troupe {

/// Ends its threads, and waits for them at most this long. Where it has used TLS it would also free
/// what OpenSSL still points to, and frees itself when the process ends: that is taken out of its
/// reach first.
natsStatus close_nats(std::int64_t patience_ms);

} // namespace troupe
