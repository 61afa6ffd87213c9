#include "server/describe/describe_command.hpp"

#include "server/describe/descriptions.hpp"
#include "server/exit_code.hpp"

#include <ostream>

namespace troupe {

namespace {

constexpr int indent = 2;

} // namespace

std::vector<std::string> descriptions_there_are() {
  return {"asyncapi", "openapi", "types"};
}

std::string description_of(const std::string& what) {
  descriptions::texts words;
  if (what == "types")
    return descriptions::typescript(words);
  const auto told =
    what == "openapi" ? descriptions::openapi(words) : descriptions::asyncapi(words);
  return told.dump(indent) + "\n";
}

int run_describe(const describe_command& command, std::ostream& out) {
  out << description_of(command.what);
  return exit_ok;
}

} // namespace troupe
