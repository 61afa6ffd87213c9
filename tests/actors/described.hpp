// Holds what a client hears against the description of the protocol (docs/asyncapi.json).
#pragma once

#include <string>

namespace troupe::test {

/// What is wrong with a frame of the server; or empty. No object in it may have a field that the
/// description does not know.
std::string complaint_about(const std::string& frame);

} // namespace troupe::test
