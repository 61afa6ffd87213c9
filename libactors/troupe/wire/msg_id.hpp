// The `msg_id` of a message, by which a retry is recognised (protocol, "One answer"). Pure.
//
// It belongs to its sender: equal ids of different senders are different messages. Whoever makes a
// message makes one text of the sender and its id, and nobody else need know of senders.
#pragma once

#include "troupe/wire/keyed_hash.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace troupe {

/// The id of a message as its sender's own; empty where it has none. `sender` tells the sender from
/// all others; empty: those with a key of the API and services behind a bus, which are one.
inline std::string senders_own(std::string_view sender, std::string_view msg_id) {
  if (msg_id.empty())
    return {};
  return std::string(sender) + '\n' +
         std::string(msg_id); // no id of a user or connection has a line break
}

/// A number for what is said, by its parts: a second message with the same id is another one if
/// this is another. Never 0. `key` is secret.
inline std::uint64_t digest_of(std::initializer_list<std::string_view> parts, std::uint64_t key) {
  constexpr std::uint64_t purpose = 0x7768617473616964u; // the key has other uses, too
  std::uint64_t out = purpose;
  for (const auto part : parts)
    out = keyed_hash(key, out)(part);
  return out == 0 ? 1 : out;
}

} // namespace troupe
