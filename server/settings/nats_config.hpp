// What the server is told about its connection to NATS: `[nats]`. config.def says what each member
// means. Pure.
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
  std::string url; ///< as nats_url.hpp reads it; empty: no NATS

  /// At most one of the four ways to prove who the server is.
  std::string user;
  std::string password;
  std::string token;
  std::string credentials_file;
  std::string nkey_seed_file;

  /// PEM files; empty: none.
  std::string tls_ca_file;
  std::string tls_certificate_file;
  std::string tls_key_file;

  std::string name = "troupe";
  std::string service = "troupe";      ///< one token of a subject
  std::string inbox_prefix = "_INBOX"; ///< a subject

  std::chrono::milliseconds reconnect_wait{500};
  std::size_t publish_buffer_bytes_max = 8 * 1024 * 1024;
  nats_when_full when_full = nats_when_full::drop;

  /// Of each subscription.
  std::uint32_t in_flight_max = 8'192;
  std::uint32_t pending_messages_max = 262'144;
  std::uint32_t pending_bytes_max = 256 * 1024 * 1024;

  bool required = false;

  bool wanted() const { return !url.empty(); }
};

} // namespace troupe
