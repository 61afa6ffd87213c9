#include "server/client_commands.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace troupe {

namespace {

CLI::App* add_client(CLI::App& app, const char* name, const char* meaning,
                     troupe_cli::connection_options& into) {
  auto* client = app.add_subcommand(name, meaning);
  client->add_option("URL", into.url, "Running server: ws:// or wss://HOST[:PORT]")
    ->required()
    ->type_name("");
  client->add_option("--token", into.token, "Token for it; better set the variable")
    ->type_name("TOKEN")
    ->envname("TROUPE_TOKEN")
    ->take_last();
  client->add_option("--user", into.user, "Name that others see; a token's name goes before it")
    ->type_name("NAME")
    ->take_last();
  client->add_flag("--json", into.json, "JSON lines, on a terminal too");
  return client;
}

} // namespace

CLI::App* add_chat(CLI::App& app, troupe_cli::chat_command& into) {
  auto* chat = add_client(app, "chat", "Talk in a room: what you type is said", into.to);
  chat->add_option("ROOM", into.room, "Its name")->required()->type_name("");
  return chat;
}

CLI::App* add_sub(CLI::App& app, troupe_cli::sub_command& into) {
  constexpr int topics_max = 128;
  auto* sub = add_client(app, "sub", "Print what is published on topics until Ctrl-C", into.to);
  sub->add_option("TOPIC", into.topics, "Topics, or patterns such as orders.*")
    ->required()
    ->type_name("...")
    ->expected(1, topics_max);
  sub->add_option("--count", into.count, "Stop after this many messages")
    ->type_name("N")
    ->take_last();
  return sub;
}

CLI::App* add_pub(CLI::App& app, troupe_cli::pub_command& into) {
  auto* pub = add_client(app, "pub",
                         "Publish each line of standard input: JSON as it is, else text", into.to);
  pub->add_option("TOPIC", into.topic, "Its name")->required()->type_name("");
  pub->add_option("--event", into.event, "Type of what is published; default: publication")
    ->type_name("NAME")
    ->take_last();
  return pub;
}

} // namespace troupe
