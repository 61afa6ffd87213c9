// What clients and services are told of a connection's id: one text, made by the node that has the
// socket; from then on it travels as this text. Pure.
//
// It is the id under a secret permutation: nobody can tell from it on which loop a connection is or
// how many there are, nor guess another's, and no two connections have the same.
#pragma once

#include "troupe/wire/base32.hpp"
#include "troupe/wire/ids.hpp"

#include <string>
#include <string_view>

namespace troupe {

/// Stands in the place of a public id where the server itself speaks: for the API, a bridge, or a
/// room's logic.
inline constexpr std::string_view server_speaks = "server";

/// Characters of a public id.
inline constexpr std::size_t public_id_length = base32_length;

/// `public_id_length` lower-case letters and digits 2 to 7. `key` is secret. About 100 ns, and no
/// allocation.
std::string public_id(connection_id connection, std::uint64_t key);

/// Whose public id it is; `no_connection` for a text that is none.
connection_id connection_of(std::string_view public_id, std::uint64_t key);

} // namespace troupe
