// How a fuzz target says that something is wrong: it ends the process, which every driver notices.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace troupe::test {

inline void check(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

} // namespace troupe::test
