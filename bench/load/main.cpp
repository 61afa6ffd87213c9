// troupe-bench: the load generator, also run by `troupe bench`, which lies beside it.
#include "command.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

int main(int argc, char** argv) {
  int exit_code = 0;
  CLI::App app{"Measures WebSocket servers under load"};
  troupe::bench::add_bench_modes(app, exit_code);
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
