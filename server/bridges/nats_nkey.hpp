// NATS's own keys: an Ed25519 seed in base32 ("SU..."), and the public key ("U...") that goes with
// it. Pure, but for reading the file.
#pragma once

#include "troupe/wire/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

struct nkey_pair {
  std::string seed;       ///< a secret
  std::string public_key; ///< what NATS knows the user by
};

/// The keys of a user's seed; nothing when it is none, or has a slip of the pen.
std::optional<nkey_pair> nkey_of_seed(std::string_view seed);

/// The first seed in a file, alone or between lines of dashes. An error says nothing of what is in
/// the file.
text_result<nkey_pair> read_nkey(const std::string& file);

} // namespace troupe
