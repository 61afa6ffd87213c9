// The dialect of docs/protocol.md: each frame one JSON object with a string `type`. Pure.
#pragma once

#include "troupe/wire/dialect.hpp"

namespace troupe {

/// The dialect that nearly all clients speak: rooms and topics encode it themselves, once.
const dialect& troupe_v1();

} // namespace troupe
