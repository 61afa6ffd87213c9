// The part of the configuration that may be replaced while the server runs. Pure.
#pragma once

#include "server/settings/config.hpp"
#include "troupe/server_settings.hpp"

namespace troupe {

live_settings live_settings_of(const config& c);

} // namespace troupe
