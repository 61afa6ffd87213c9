// The headers that name the client who caused a message on the bus. Pure.
#pragma once

#include "troupe/bus_messages.hpp"
#include "troupe/wire/identity.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// `text` as the value of a header: whatever is not a letter, a digit or one of `-_.~@:/+=` is
/// percent-encoded, byte by byte (UTF-8). So no value can end its line, or an entry of a list.
std::string header_text(std::string_view text);

/// `Troupe-Connection`, which is a public id; with a token also `Troupe-User` and, when there are
/// any, `Troupe-Roles`, a list divided by commas. `who` may be null.
bus_headers caller_headers(std::string_view connection, const identity* who);

} // namespace troupe
