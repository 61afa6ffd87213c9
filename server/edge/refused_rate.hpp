// How often one address may be refused, or ask without a key for what costs a lot
// (`limits.refused_requests_per_minute`). Beyond it, it gets less than a refusal: nobody looks at
// what it says, or writes a line about it. Thread-safe.
#pragma once

#include "server/edge/keyed_counter.hpp"
#include "troupe/server_settings.hpp"
#include "troupe/wire/client_address.hpp"

namespace troupe {

class refused_rate {
public:
  explicit refused_rate(const settings_board& board) : board_(board) {}

  /// Takes one from the budget of `who`: zero. Or takes none, and says how long until there will be
  /// one.
  gcra::duration charge(const client_address& who, gcra::time_point now);

  /// Addresses that are remembered.
  std::size_t size() { return addresses_.size(); }

private:
  const settings_board& board_;
  keyed_counter<client_address> addresses_;
};

} // namespace troupe
