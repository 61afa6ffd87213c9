// Who may do what by a configuration: its namespaces, and what follows from its other keys. Pure.
#pragma once

#include "server/settings/config.hpp"
#include "troupe/access.hpp"

#include <cstddef>
#include <optional>

namespace troupe {

/// The namespace that `server.inbox` makes where none of the file has that very pattern, or
/// nothing: each user may subscribe and ask for the past, nobody may publish, and it keeps what is
/// sent for a day.
std::optional<namespace_rule> inbox_namespace(const config& settings);

/// The rules of the server. The namespace of the inbox is before those of the file, if there is
/// one.
access_rules access_of(const config& settings);

} // namespace troupe
