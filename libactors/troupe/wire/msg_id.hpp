// The `msg_id` of a message, by which a retry is recognised (protocol, "One answer"). Pure.
//
// It belongs to its sender: equal ids of different senders are different messages. Whoever makes a
// message makes one text of the sender and its id, and nobody else need know of senders.
#pragma once

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

} // namespace troupe
