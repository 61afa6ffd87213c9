// troupe-crowd: a crowd that is told what to do, by a line of JSON on standard input each time, and
// answers when it has done it, with a line of what has happened. Ends with its input.
//
//   {"do":"open","path":"/ws","hello":["{..}"],"until":"\"subscribed\"","offset":0,"rate":10000}
//   {"do":"say","text":"{..}","seconds":1,"count":"{\"type\":\"joined\""}    until all have that
//   {"do":"wait","offset":100}                               until all who read have come so far
//   {"do":"silence","every":100}    {"do":"cut"}    {"do":"rest","seconds":1}
//
// The answer tells what has happened since the last "open" or "say" began, and how long this took.
#include "bench/load/clock.hpp"
#include "crowd.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <iostream>
#include <string>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace troupe::bench;
using nlohmann::json;

constexpr std::uint64_t a_while = 5'000'000; // ns

// Whole lines of standard input, as they come.
class input_lines {
public:
  /// False: there is none now. Sets `ended` when there will be no more.
  bool next(std::string& line, bool& ended) {
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    if (read_.find('\n') == std::string::npos && ::poll(&ready, 1, 0) > 0) {
      char buffer[65536];
      const auto got = ::read(STDIN_FILENO, buffer, sizeof buffer);
      ended = got <= 0;
      read_.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }
    const auto end = read_.find('\n');
    if (end == std::string::npos)
      return false;
    line = read_.substr(0, end);
    read_.erase(0, end + 1);
    return true;
  }

private:
  std::string read_;
};

json as_json(const crowd::report& r) {
  return {{"open", r.open},
          {"frames", r.frames},
          {"bytes", r.bytes},
          {"offset_min", r.offset_min},
          {"offset_max", r.offset_max},
          {"holes", r.holes},
          {"twice", r.twice},
          {"counted", r.counted},
          {"closed", r.closed}};
}

// Starts what it says; what comes out says whether it is done.
std::function<bool()> begin(crowd& all, const json& command, std::uint32_t clients,
                            std::uint32_t silent) {
  const auto what = command.at("do").get<std::string>();
  const auto always = [] { return true; };
  if (what == "open" || what == "say")
    all.restart();
  if (what == "open") {
    all.open(command.at("path"), command.value("hello", std::vector<std::string>{}),
             command.value("until", ""), command.value("offset", std::uint64_t{0}),
             command.value("rate", 0.0));
    return [&all, clients] { return all.now().open == clients; };
  }
  if (what == "say") {
    all.count(command.value("count", ""));
    all.say(command.at("text").get<std::string>(), command.value("seconds", 0.0));
    const bool counts = command.contains("count");
    return [&all, counts, expected = clients - silent] {
      return all.said() && (!counts || all.now().counted >= expected);
    };
  }
  if (what == "wait")
    return
      [&all, offset = command.at("offset").get<std::uint64_t>()] { return all.reached(offset); };
  if (what == "rest")
    return [until = now_ns() + nanoseconds(command.at("seconds"))] { return now_ns() >= until; };
  if (what == "silence")
    all.silence(command.at("every"));
  else if (what == "cut")
    all.cut();
  else
    throw std::invalid_argument("no such command: " + what);
  return always;
}

void obey(crowd& all, std::uint32_t clients) {
  input_lines lines;
  std::string line;
  std::uint32_t silent = 0;
  bool ended = false;
  while (!ended) {
    if (!lines.next(line, ended)) {
      all.work(a_while);
      continue;
    }
    const auto command = json::parse(line);
    if (command.at("do") == "silence") {
      const auto every = command.at("every").get<std::uint32_t>();
      silent = (clients + every - 1) / every;
    }
    const auto begun = now_ns();
    const auto give_up_at = begun + nanoseconds(command.value("patience", 60.0));
    const auto done = begin(all, command, clients, silent);
    while (!done() && now_ns() < give_up_at)
      all.work(a_while);
    auto answer = as_json(all.now());
    answer["done"] = done();
    answer["seconds"] = static_cast<double>(now_ns() - begun) * 1e-9;
    std::cout << answer.dump() << std::endl;
  }
}

} // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  std::uint32_t clients = 1'000;
  CLI::App app{"Many clients that do everything at once", "troupe-crowd"};
  app.add_option("--port", port, "The server's, on 127.0.0.1")->required();
  app.add_option("-n,--clients", clients, "How many")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(port);
  target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  try {
    crowd all{target, "127.0.0.1:" + std::to_string(port), clients};
    obey(all, clients);
  } catch (const std::exception& why) {
    std::cerr << "troupe-crowd: " << why.what() << '\n';
    return 2;
  }
  return 0;
}
