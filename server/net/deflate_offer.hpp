// What a client's offer to compress is answered (RFC 7692 section 7.1). Pure.
#pragma once

#include "server/settings/deflate_settings.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// The value of our `Sec-WebSocket-Extensions` for a client's: the first offer of
/// permessage-deflate that can be met. Empty when there is none: then nothing is compressed.
///
/// Neither side carries its window from one message to the next, whatever was offered. An offer is
/// passed over when it has a parameter that is unknown, broken or there twice, or when it asks for
/// a smaller window than ours; all are, when the value does not follow the grammar.
std::string answer_deflate_offers(std::string_view offers, const deflate_settings& ours);

} // namespace troupe
