// troupe-bench: the load generator, also run by `troupe bench`, which lies beside it.
#include "command.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
  int exit_code = 0;
  CLI::App app{"Measures WebSocket servers under load", "troupe bench"};
  troupe::bench::add_bench_modes(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == EXIT_SUCCESS) // --help
      return app.exit(error);
    std::cerr << "troupe bench: " << error.what() << "\nTry: troupe bench --help\n";
    return 2;
  }
  return exit_code;
}
