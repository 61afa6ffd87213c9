// Who speaks, as the headers of a message on the bus say it. Pure.
#pragma once

#include "troupe/bus_messages.hpp"
#include "troupe/identity.hpp"
#include "troupe/ids.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// A connection as its client is told in `connection`.
std::string shown_id(std::string_view epoch, connection_id connection);

/// `text` as the value of a header: whatever is not a letter, a digit or one of `-_.~@:/+=` is
/// percent-encoded, byte by byte (UTF-8). So no value can end its line, or an entry of a list.
std::string header_text(std::string_view text);

/// `Troupe-Connection`; with a token also `Troupe-User` and, when there are any, `Troupe-Roles`, a
/// list divided by commas. `who` may be null.
bus_headers caller_headers(std::string_view epoch, connection_id connection, const identity* who);

} // namespace troupe
