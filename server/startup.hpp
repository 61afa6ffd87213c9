// What a server needs from outside of its configuration before it can listen: an address, keys,
// certificates, files. `serve` cannot do without it and `check` makes it too, so that one finds
// what the other finds.
#pragma once

#include "server/config/value_origins.hpp"
#include "server/settings/config.hpp"
#include "troupe/wire/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe {

class token_verifier;

struct startup {
  config settings;
  std::string address;                          ///< IP address to listen on
  std::shared_ptr<const token_verifier> tokens; ///< null: tokens are not in use
};

/// All that is wrong, each error at the place that `origins` has for its key. Reads files and may
/// ask a name server; before any thread starts that must not be held up.
result<startup, std::vector<config_error>> prepare(config settings, const value_origins& origins);

} // namespace troupe
