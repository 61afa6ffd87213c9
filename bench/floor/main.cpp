// troupe-floor: see floor_server.hpp.
#include "floor_server.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <exception>
#include <iostream>

#include <sys/resource.h>

int main(int argc, char** argv) {
  CLI::App app{"The least that a broadcast over WebSockets can cost"};
  std::uint16_t port = 0;
  std::uint32_t batch = 1;
  app.add_option("--port", port, "Port on 127.0.0.1; 0: a free one")->capture_default_str();
  app.add_option("--batch", batch, "Frames to send with one call")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  try {
    troupe::bench::floor_server server{port, batch};
    std::cout << "listening on 127.0.0.1:" << server.port() << std::endl;
    server.run();
  } catch (const std::exception& e) {
    std::cerr << "troupe-floor: " << e.what() << '\n';
    return 1;
  }
}
