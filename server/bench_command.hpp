// `troupe bench`: hands over to the load generator, a program of its own beside this one. Used by
// `main` only.
#pragma once

#include <iosfwd>
#include <span>

namespace troupe {

/// Becomes `troupe-bench` with these arguments (those behind `bench`). Returns only when it cannot,
/// with the process's exit code; `err` is told why.
int become_bench(std::span<char*> arguments, std::ostream& err);

} // namespace troupe
