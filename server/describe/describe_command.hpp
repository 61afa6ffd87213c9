// `troupe describe`: prints a description of the protocol for machines.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace troupe {

struct describe_command {
  std::string what; ///< one of `descriptions_there_are`
};

std::vector<std::string> descriptions_there_are();

/// The text of one of them.
std::string description_of(const std::string& what);

int run_describe(const describe_command& command, std::ostream& out);

} // namespace troupe
