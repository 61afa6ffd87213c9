// What the server can be told: the configuration, and how it is put together.
//
// A value comes from a flag, else from the environment, else from the file, else from the defaults
// written here and in limits.hpp. Every key is one line of config.def. Reads one file, has no other
// effect; used by `main` before any thread starts.
#pragma once

#include "server/bridges/bridge_config.hpp"
#include "server/bridges/nats_config.hpp"
#include "server/log/log.hpp"
#include "server/net/deflate_settings.hpp"
#include "server/net/proxy_protocol.hpp"
#include "server/net/tls_context.hpp"
#include "troupe/access.hpp"
#include "troupe/wire/limits.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What a web page of an origin that is not listed gets.
enum class origin_reject : std::uint8_t {
  close, ///< the handshake completes, then a close with 1008, which the page can see
  http   ///< status 403
};
inline constexpr std::array<std::string_view, 2> origin_reject_names{"close", "http"};

struct server_config {
  /// What clients read in their first frame: "Connected to <name>".
  std::string name = "Troupe";

  /// Address and TCP port to listen on; port 0 takes any free one.
  std::string host = "0.0.0.0";
  std::uint16_t port = 8081;

  /// Origins of the web pages that may connect, as net/origin.hpp reads them; none: any. And what
  /// the others get.
  std::vector<std::string> origins;
  troupe::origin_reject origin_reject = troupe::origin_reject::close;

  /// Threads that own sockets, rooms and topics, and threads for actors on no loop; 0: by the
  /// cores.
  std::uint32_t loops = 0;
  std::uint32_t pool_threads = 0;

  /// Between two pings; a client that stays silent for two of them is gone.
  std::chrono::milliseconds heartbeat{30'000};

  /// Over how long connections are closed after SIGTERM, and at most how many a second; 0: spread
  /// evenly.
  std::chrono::milliseconds drain{5'000};
  std::uint32_t drain_rate = 0;
};

/// How tokens may be signed: as the key says (a secret, a PEM file, each key of a JWKS file), or
/// only as this says. Never as the token says.
enum class auth_algorithm : std::uint8_t { automatic, hs256, rs256, es256, eddsa };
inline constexpr std::array<std::string_view, 5> auth_algorithm_names{"auto", "HS256", "RS256",
                                                                      "ES256", "EdDSA"};

/// What a client without a valid token gets.
enum class auth_reject : std::uint8_t {
  close, ///< the handshake completes, then a close with 1008, which a browser can tell its page
  http   ///< status 401
};
inline constexpr std::array<std::string_view, 2> auth_reject_names{"close", "http"};

struct auth_config {
  /// Signs HS256 tokens; empty: none are accepted.
  std::string secret;

  /// Nobody comes in without a valid token.
  bool required = false;

  /// Public keys: PEM (`BEGIN PUBLIC KEY`), and a JWK set. Read again when they change.
  std::string public_key_file;
  std::string jwks_file;
  auth_algorithm algorithm = auth_algorithm::automatic;

  /// What the claims `iss` and `aud` must say; empty: anything.
  std::string issuer;
  std::string audience;

  /// How far clocks may differ, for `exp`, `nbf` and `iat`.
  std::chrono::milliseconds leeway{30'000};

  /// How long a connection stays when its token has expired.
  std::chrono::milliseconds expiry_grace{10'000};

  auth_reject reject = auth_reject::close;
};

struct api_config {
  /// Secrets of which `Authorization: Bearer` must carry one. None: every call is refused.
  std::vector<std::string> keys;
};

struct metrics_config {
  /// `/metrics` is there, and asks for this key when there is one.
  bool enabled = true;
  std::string key;
};

struct debug_config {
  /// `/echo` sends back what it gets, for suites that test the WebSocket protocol.
  bool echo = false;
};

struct config {
  server_config server;
  troupe::limits limits;
  api_config api;
  auth_config auth;
  tls_config tls;
  proxy_config proxy;
  deflate_settings deflate;
  metrics_config metrics;
  nats_config nats;
  log_config log;
  debug_config debug;
  std::vector<namespace_rule> namespaces; ///< `[[namespace]]`, in their order; none: all is open
  bridge_config bridge;                   ///< `[[bridge.rule]]` and `[[bridge.publish]]`
  std::vector<rpc_rule> rpc_allow;        ///< `[[rpc.allow]]`, in their order
};

/// Something the configuration may not say. `to_string` gives
/// `troupe.toml:7:8: server.port: expected an integer from 0 to 65535, got "http"`.
struct config_error {
  std::string source;       ///< the file, the variable or the flag
  std::uint32_t line = 0;   ///< 1-based; 0 when there is none
  std::uint32_t column = 0; ///< 1-based, in characters; 0 when there is none
  std::string key;     ///< `section.key`, `section`, or empty when the file as a whole is meant
  std::string message; ///< what was expected; never shows a secret, nor control characters
};

std::string to_string(const config_error& error);

/// A value given by name: `TROUPE_SERVER_PORT` or `--server-port`.
struct named_value {
  std::string name;
  std::string value;
};

struct config_sources {
  std::string file;                     ///< path; empty: no file
  std::vector<named_value> environment; ///< names that are no key's variable are passed over
  std::vector<named_value> flags;       ///< as config_keys.hpp names them, aliases included
};

struct config_result {
  std::optional<config> value;      ///< there exactly when `errors` is empty
  std::vector<config_error> errors; ///< all of them: the file's in its order, then variables, flags
  std::vector<config_error> warnings; ///< variables that look like a misspelt one of Troupe's
};

config_result load_config(const config_sources& sources);

/// The same for a file called `name` that has this text, and no other source.
config_result load_config_text(std::string_view text, const std::string& name);

/// This process's variables whose names begin with `TROUPE_`.
std::vector<named_value> process_environment();

} // namespace troupe
