// By what a client without a token proves, on another connection, that it is the sender it was: the
// protocol's `session`. A number and its proof, as one text that only this server can make. It
// gives no rights; it is secret all the same, because a retry is recognised by it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// 26 lower-case letters and digits 2 to 7. `key` is secret.
std::string sender_text(std::uint64_t sender, std::uint64_t key);

/// The sender for which this server has made that text; nothing for any other.
std::optional<std::uint64_t> read_sender_text(std::string_view text, std::uint64_t key);

} // namespace troupe
