#include "server/cli.hpp"

#include "server/client_commands.hpp"
#include "server/config/config_keys.hpp"
#include "server/log/printable.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <ostream>

namespace troupe {

namespace {

constexpr std::size_t help_column = 38;

std::string flag_names(const config_key& key) {
  const auto alias = flag_alias(key);
  return (alias.empty() ? std::string{} : std::string(alias) + ',') + flag(key);
}

CLI::App* add_serve(CLI::App& app) {
  auto* serve = app.add_subcommand("serve", "Run the server");
  serve->add_option("--config", "Configuration file; without one, the defaults below apply")
    ->type_name("FILE")
    ->take_last();
  for (const auto& key : config_keys()) {
    const auto text = std::string(key.meaning) + "\n(" + facts(key) + ')';
    serve->add_option(flag_names(key), text)
      ->type_name(std::string(key.placeholder))
      ->group('[' + std::string(key.section) + ']')
      ->take_last();
  }
  serve->footer(
    "Each key of the file, such as [server] port, can also be set by an environment variable,\n"
    "such as TROUPE_SERVER_PORT. Flags override variables, and variables override the file.\n"
    "Other users of the machine can see flags: keep secrets in a file or in a variable.");
  return serve;
}

CLI::App* add_check(CLI::App& app, check_command& into) {
  constexpr int words_max = 64;
  auto* check = app.add_subcommand(
    "check",
    "Check a configuration file, with the variables that are set; exits with 1 if it has errors");
  check->add_option("FILE", into.sources.file, "Configuration file")->required()->type_name("");
  check
    ->add_option("--explain", into.explain,
                 "Say who may do what, and by which rule: user=ID roles=A,B permissions=P "
                 "claim.NAME=VALUE "
                 "subscribe=TOPIC publish=NAME join=ROOM presence=NAME history=NAME "
                 "rpc=SERVICE.METHOD; without user, an anonymous client")
    ->type_name("WORD=VALUE ...")
    ->expected(1, words_max);
  return check;
}

CLI::App* add_token(CLI::App& app, token_command& into) {
  auto* token = app.add_subcommand("token", "Make a token for development, signed with a secret");
  const auto add = [&](const char* flag, auto& member, const char* meaning) {
    return token->add_option(flag, member, meaning)->type_name("TEXT");
  };
  add("--user", into.user, "Who it is for: claim user_id")->required()->take_last();
  add("--username", into.username, "Name that others see; default: the user_id")->take_last();
  add("--role", into.roles, "A role; may be repeated")->allow_extra_args(false);
  add("--permission", into.permissions, "A permission, such as subscribe:orders.*; may be repeated")
    ->allow_extra_args(false);
  add("--claim", into.claims, "Another claim, NAME=VALUE, such as tenant=acme; may be repeated")
    ->allow_extra_args(false);
  add("--issuer", into.issuer, "Claim iss, for a server with auth.issuer")->take_last();
  add("--audience", into.audience, "Claim aud, for a server with auth.audience")->take_last();
  add("--expires", into.expires_seconds, "How long it is valid from now; default 3600")
    ->type_name("SECONDS")
    ->check(CLI::Range(std::int64_t{1}, std::int64_t{315'360'000}))
    ->take_last();
  add("--secret", into.secret, "The server's auth.secret; better set the variable")
    ->envname("TROUPE_AUTH_SECRET")
    ->take_last();
  return token;
}

CLI::App* add_tail(CLI::App& app, tail_command& into) {
  auto* tail =
    app.add_subcommand("tail", "Print the messages on a NATS subject as JSON lines until Ctrl-C");
  tail->add_option("SUBJECT", into.subject, "A subject such as order.*")->required()->type_name("");
  const auto add = [&](const char* flag, std::string& member, const char* type, const char* text) {
    return tail->add_option(flag, member, text)->type_name(type)->take_last();
  };
  add("--nats", into.nats, "URL", "NATS server; with a password in it, better set the variable")
    ->envname("TROUPE_NATS_URL");
  add("--credentials", into.credentials_file, "FILE",
      "Credentials file for NATS, as nsc writes it");
  tail->add_option("--count", into.count, "Stop after this many lines")
    ->type_name("N")
    ->take_last();
  return tail;
}

CLI::App* add_describe(CLI::App& app, describe_command& into) {
  auto* describe = app.add_subcommand(
    "describe", "Print a description of the protocol for machines: asyncapi, openapi or types");
  describe
    ->add_option("WHAT", into.what,
                 "asyncapi: the frames; openapi: the HTTP API; types: the frames for TypeScript")
    ->required()
    ->type_name("")
    ->check(CLI::IsMember(descriptions_there_are()));
  return describe;
}

config_sources sources_of(const CLI::App& serve) {
  config_sources sources{.file = {}, .environment = process_environment(), .flags = {}};
  const auto& file = *serve.get_option("--config");
  if (file.count() > 0)
    sources.file = file.results().back();
  for (const auto& key : config_keys()) {
    const auto& option = *serve.get_option(flag(key));
    const auto alias = flag_alias(key);
    if (option.count() > 0)
      sources.flags.push_back(
        {alias.empty() ? flag(key) : std::string(alias), option.results().back()});
  }
  return sources;
}

// The name in `--name=value` or `--name`, the letter in `-nvalue`; empty for anything else.
std::string flag_in(const std::string& argument) {
  if (argument.starts_with("--"))
    return argument.substr(0, argument.find('='));
  return argument.starts_with('-') ? argument.substr(0, 2) : std::string{};
}

// What others call it.
std::string known_as(const std::string& flag, const std::vector<std::string>& known) {
  constexpr std::string_view names[][2] = {
    {"--name", "--user"}, {"--username", "--user"}, {"--nick", "--user"}, {"-u", "--user"},
    {"--jwt", "--token"}, {"--file", "--config"},   {"-c", "--config"},   {"-f", "--config"},
    {"-p", "--port"},     {"--listen", "--host"},   {"--bind", "--host"}, {"-n", "--count"},
  };
  for (const auto& [theirs, ours] : names)
    if (flag == theirs && std::ranges::find(known, ours) != known.end())
      return ", did you mean \"" + std::string(ours) + "\"?";
  return {};
}

// The error for arguments that no command takes. A value may be a secret whose flag was misspelt,
// so the error repeats only names of flags, and the word in the place of the command.
std::string about_extras(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  std::vector<std::string> known;
  if (chosen.empty())
    for (const auto* subcommand : app.get_subcommands({}))
      known.push_back(subcommand->get_name());
  else
    for (const auto* option : chosen.front()->get_options())
      for (const auto& name : option->get_lnames())
        known.push_back("--" + name);
  const auto extras = app.remaining(true);
  for (const auto& argument : extras)
    if (const auto name = flag_in(argument); !name.empty()) {
      const auto other = known_as(name, known);
      return "no such flag: " + in_quotes(name) + (other.empty() ? suggestion(name, known) : other);
    }
  if (chosen.empty() && !extras.empty())
    return "no such command: " + in_quotes(extras.front()) + suggestion(extras.front(), known);
  std::string out = "more arguments than the command takes";
  return std::ranges::find(known, "--config") == known.end()
           ? out
           : out + ", did you mean --config FILE?";
}

command refuse(const CLI::App& app, const std::string& reason, std::ostream& err) {
  const auto chosen = app.get_subcommands();
  auto name = app.get_name();
  if (!chosen.empty())
    name += ' ' + chosen.front()->get_name();
  err << name << ": " << reason << "\nTry: " << name << " --help\n";
  return command_done{exit_usage};
}

} // namespace

command parse_command_line(CLI::App& app, int argc, const char* const* argv, std::ostream& out,
                           std::ostream& err) {
  app.name("troupe");
  app.description("Real-time messaging server: rooms and topics over WebSocket.");
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(help_column);
  app.set_version_flag(
    "--version", [] { return std::string{}; }, "Print the version and exit");
  auto* serve = add_serve(app);
  check_command check{.sources = {.file = {}, .environment = process_environment(), .flags = {}}};
  auto* check_app = add_check(app, check);
  auto* config_app = app.add_subcommand("config", "Print a configuration file with every key");
  token_command token;
  auto* token_app = add_token(app, token);
  tail_command tail{.nats = "nats://127.0.0.1:4222"};
  auto* tail_app = add_tail(app, tail);
  describe_command describe;
  auto* describe_app = add_describe(app, describe);
  troupe_cli::chat_command chat;
  auto* chat_app = add_chat(app, chat);
  troupe_cli::sub_command sub;
  auto* sub_app = add_sub(app, sub);
  troupe_cli::pub_command pub;
  auto* pub_app = add_pub(app, pub);
  auto* version = app.add_subcommand("version", "Print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    return version_command{};
  } catch (const CLI::ExtrasError&) {
    return refuse(app, about_extras(app), err);
  } catch (const CLI::Success& help) {
    app.exit(help, out, err);
    return command_done{exit_ok};
  } catch (const CLI::ParseError& error) {
    return refuse(app, error.what(), err);
  }
  if (serve->parsed())
    return serve_command{sources_of(*serve)};
  if (check_app->parsed())
    return check;
  if (config_app->parsed())
    return config_command{};
  if (token_app->parsed())
    return token;
  if (tail_app->parsed())
    return tail;
  if (describe_app->parsed())
    return describe;
  if (chat_app->parsed())
    return chat;
  if (sub_app->parsed())
    return sub;
  if (pub_app->parsed())
    return pub;
  if (version->parsed())
    return version_command{};
  if (const auto chosen = app.get_subcommands(); !chosen.empty())
    return other_command{chosen.front()};
  return refuse(app, "a command is needed", err);
}

} // namespace troupe
