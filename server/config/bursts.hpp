// Whether what may come at once is no more than the rate that goes with it allows. Pure.
#pragma once

#include "server/config/value_origins.hpp"
#include "server/settings/config.hpp"

#include <vector>

namespace troupe {

/// A burst above a minute's worth: a limit of 60 a minute that lets 1,000 through is none.
std::vector<config_error> burst_errors(const config& settings, const value_origins& origins);

} // namespace troupe
