// Variables of the environment that look like Troupe's and are no key's. Pure.
#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// What to say about a variable called `name`, which begins with `TROUPE_`: that there is none
/// such, and which one was probably meant. Empty for what is somebody else's: `TROUPE_TOKEN` is
/// read by `troupe sub` and its like, and Kubernetes sets variables such as TROUPE_SERVICE_PORT and
/// TROUPE_PORT=tcp://10.0.0.1:8081 for a Service called troupe.
std::string about_unknown_variable(std::string_view name, std::string_view value);

} // namespace troupe
