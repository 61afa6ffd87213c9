// The commands that talk to a running server, as the command line has them. Used by `cli.cpp` only.
#pragma once

#include "clients/cli/commands.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace troupe {

/// Each adds its command to `app`, which writes into `into` when it parses.
CLI::App* add_chat(CLI::App& app, troupe_cli::chat_command& into);
CLI::App* add_sub(CLI::App& app, troupe_cli::sub_command& into);
CLI::App* add_pub(CLI::App& app, troupe_cli::pub_command& into);

} // namespace troupe
