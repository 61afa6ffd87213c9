// What the server can be told about its connection to NATS: `[nats]` of the configuration. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// What happens to events for NATS when no more can be kept for it.
enum class nats_when_full : std::uint8_t {
  drop,  ///< the oldest make room for new ones
  refuse ///< new ones are not taken
};
inline constexpr std::array<std::string_view, 2> nats_when_full_names{"drop", "refuse"};

struct nats_config {
  /// nats://host:port or tls://host:port, several with commas; empty: no NATS.
  std::string url;

  /// How the server proves who it is to NATS: at most one of the four ways.
  std::string user;
  std::string password;
  std::string token;
  std::string credentials_file; ///< a user's JWT and seed, as `nsc` writes them
  std::string nkey_seed_file;   ///< a user's seed: SU...

  /// PEM files: who may have signed NATS's certificate, besides those whom the system trusts, and
  /// the server's own certificate with its key.
  std::string tls_ca_file;
  std::string tls_certificate_file;
  std::string tls_key_file;

  /// How NATS calls this connection in its reports.
  std::string name = "troupe";

  /// What services call the server by: {service}.rpc.{method}. One token of a subject.
  std::string service = "troupe";

  /// Before the first new try to connect; it doubles from try to try, up to half a minute.
  std::chrono::milliseconds reconnect_wait{500};

  /// Kept for NATS while it is away, and what happens beyond that.
  std::size_t publish_buffer_bytes_max = 8 * 1024 * 1024;
  nats_when_full when_full = nats_when_full::drop;

  /// Of each subscription: events on their way through the server at once, and events that wait for
  /// that, by number and by bytes. What comes beyond is lost, and counted.
  std::uint32_t in_flight_max = 8'192;
  std::uint32_t pending_messages_max = 262'144;
  std::uint32_t pending_bytes_max = 256 * 1024 * 1024;

  /// `/readyz` says 503 while NATS is away.
  bool required = false;

  bool wanted() const { return !url.empty(); }
};

} // namespace troupe
