// The `troupe` binary: reads the command line, runs one command.
#include "server/bench_command.hpp"
#include "server/cli.hpp"
#include "server/config/config_example.hpp"
#include "server/config/exposure.hpp"
#include "server/config/load_config.hpp"
#include "server/log/log.hpp"
#include "server/server.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <span>
#include <string_view>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace troupe {

namespace {

// Blocks the signals that are waited for, for this thread and all it starts.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// The API sends one when it is asked to drain.
bool is_our_own(const siginfo_t& signal) {
  return signal.si_pid == ::getpid();
}

// Waits for so long. True when an operator has sent another signal to end: then nothing is to be
// waited for any more.
bool told_to_hurry(const sigset_t& signals, std::chrono::milliseconds time) {
  const timespec step{.tv_sec = time.count() / 1'000, .tv_nsec = time.count() % 1'000 * 1'000'000};
  siginfo_t received{};
  const int signal = sigtimedwait(&signals, &received, &step);
  if (signal < 0 || signal == SIGHUP || is_our_own(received))
    return false;
  log_info("stopping at once", {{"signal", signal}});
  return true;
}

// What is left to do takes no time. If it does, another signal ends the process as it is.
void end_at_next_signal() {
  sigset_t ending;
  for (const int signal : {SIGTERM, SIGINT})
    std::signal(signal, [](int) { ::_exit(exit_ok); });
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
}

// Every connection is a descriptor, and most shells start with a soft limit of 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

// A descriptor that is missing would be given to the next socket or file. Where output was not
// wanted, writing it still fails: on standard error nobody could tell.
void fill_standard_descriptors() {
  for (const int each : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(each, F_GETFD) < 0 &&
        ::open("/dev/null", each == STDERR_FILENO ? O_WRONLY : O_RDONLY) != each)
      ::_exit(exit_invalid_config);
}

int refuse(const std::vector<config_error>& errors) {
  for (const auto& error : errors)
    std::cerr << to_string(error) << '\n';
  return exit_invalid_config;
}

void tell_address(const server& serving, std::uint16_t port) {
  std::printf("troupe %s listening on %s\n", TROUPE_VERSION, serving.describe(port).c_str());
  std::fflush(stdout);
}

// Serves until a signal says to end.
int serve(startup from, const value_origins& origins, const sigset_t& signals) {
  server serving(std::move(from));
  const auto port = serving.start();
  if (!port)
    return refuse({origins.about(port.error())});
  tell_address(serving, *port);
  siginfo_t received{};
  for (int signal = 0; signal != SIGTERM && signal != SIGINT;) {
    signal = sigwaitinfo(&signals, &received);
    if (signal == SIGHUP)
      serving.reload();
  }
  if (is_our_own(received))
    log_info("stopping", {{"why", "POST /api/v1/drain"}});
  else
    log_info("stopping", {{"signal", received.si_signo}});
  serving.drain([&signals](auto time) { return told_to_hurry(signals, time); });
  end_at_next_signal();
  return exit_ok;
}

int run_server(const serve_command& command) {
  auto loaded = load_config(command.sources);
  if (!loaded.value)
    return refuse(loaded.errors);
  const sigset_t signals = block_signals();
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  start_logging(loaded.value->log);
  for (const auto& warning : loaded.warnings)
    log_warning(to_string(warning));
  for (const auto& warning : exposure_warnings(*loaded.value))
    log_warning(warning);
  auto prepared = prepare(*std::move(loaded.value), loaded.origins);
  const int result =
    prepared ? serve(*std::move(prepared), loaded.origins, signals) : refuse(prepared.error());
  stop_logging();
  return result;
}

} // namespace

} // namespace troupe

int main(int argc, char** argv) {
  using namespace troupe;
  fill_standard_descriptors();
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  if (argc > 1 && std::string_view(arguments[1]) == "bench")
    return become_bench(arguments.subspan(2), std::cerr);
  CLI::App app{"Troupe: a real-time messaging server"};
  app.add_subcommand("bench", "Measure a WebSocket server under load"); // for the help
  const auto command = parse_command_line(app, argc, argv, std::cout, std::cerr);
  if (const auto* serve = std::get_if<serve_command>(&command))
    return run_server(*serve);
  if (const auto* check = std::get_if<check_command>(&command))
    return run_check(*check, std::cout);
  if (std::holds_alternative<config_command>(command)) {
    std::cout << config_example();
    return exit_ok;
  }
  if (const auto* token = std::get_if<token_command>(&command))
    return run_token(*token, std::cout, std::cerr);
  if (const auto* tail = std::get_if<tail_command>(&command))
    return run_tail(*tail, std::cout, std::cerr);
  if (const auto* describe = std::get_if<describe_command>(&command))
    return run_describe(*describe, std::cout);
  if (const auto* chat = std::get_if<troupe_cli::chat_command>(&command))
    return troupe_cli::run_chat(*chat);
  if (const auto* sub = std::get_if<troupe_cli::sub_command>(&command))
    return troupe_cli::run_sub(*sub);
  if (const auto* pub = std::get_if<troupe_cli::pub_command>(&command))
    return troupe_cli::run_pub(*pub);
  if (std::holds_alternative<version_command>(command)) {
    std::cout << "troupe " << TROUPE_VERSION << '\n';
    return exit_ok;
  }
  if (const auto* done = std::get_if<command_done>(&command))
    return done->exit_code;
  return exit_ok;
}
