# Every package the project builds against, in one place. `scripts/install-packages` installs them.
find_package(Threads REQUIRED)
find_package(CAF 0.17.6 REQUIRED COMPONENTS core)
# Debian 12 has Boost 1.74 beside 1.81. Boost's own package files name each library with its version,
# so that nothing of 1.74 can be linked by mistake: no search for libraries by their names here.
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS url)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
# Header only; std::expected of C++23 takes its place.
find_package(tl-expected REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(NATS REQUIRED)
