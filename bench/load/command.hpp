// The subcommands fanout, rooms, idle, connect, mixed: command line in, table or JSON out. Runs
// when the command line is parsed.
#pragma once

namespace CLI {
class App;
}

namespace troupe::bench {

// Adds the subcommands; `exit_code` is 0 after a run without fault, 1 when a message was missing,
// doubled, out of order or astray or the server turned somebody away, 2 when the run could not
// begin. `exit_code` must outlive the parsing.
void add_bench_modes(CLI::App& app, int& exit_code);

} // namespace troupe::bench
