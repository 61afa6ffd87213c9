// The command line: which command was chosen, with what. Used by `main` only.
#pragma once

#include "clients/cli/commands.hpp"
#include "server/auth/token_command.hpp"
#include "server/bridges/tail_command.hpp"
#include "server/check_command.hpp"
#include "server/config/load_config.hpp"
#include "server/describe/describe_command.hpp"
#include "server/exit_code.hpp"

#include <iosfwd>
#include <string>
#include <variant>

namespace CLI {
class App;
} // namespace CLI

namespace troupe {

/// `troupe serve [--config FILE] [--port N] ...`; the environment is among the sources already.
struct serve_command {
  config_sources sources;
};

/// `troupe config`
struct config_command {};

/// `troupe version`, or `troupe --version`
struct version_command {};

/// A command that the caller had added to the application before.
struct other_command {
  CLI::App* chosen;
};

/// Help was printed, or the command line was wrong and that was said: nothing is left to do.
struct command_done {
  int exit_code;
};

using command =
  std::variant<command_done, serve_command, check_command, config_command, token_command,
               tail_command, troupe_cli::chat_command, troupe_cli::sub_command,
               troupe_cli::pub_command, describe_command, version_command, other_command>;

/// Adds `serve`, `check`, `config`, `token`, `chat`, `sub`, `pub`, `tail`, `describe` and `version`
/// to `app`, which may have commands of the caller's, and parses. Never prints what might be a
/// secret: the value of a flag that is not known, say.
command parse_command_line(CLI::App& app, int argc, const char* const* argv, std::ostream& out,
                           std::ostream& err);

} // namespace troupe
