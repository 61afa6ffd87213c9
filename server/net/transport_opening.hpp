// What comes before HTTP on an accepted socket: a proxy's header, and the choice between TLS and
// plain bytes. Runs on the socket's I/O loop.
#pragma once

#include "server/net/proxy_protocol.hpp"
#include "server/net/tls_certificates.hpp"
#include "server/net/transport.hpp"
#include "troupe/wire/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Where a socket was accepted: on the port that speaks everything, or on one for TLS alone.
enum class port_kind : std::uint8_t { any, tls_only };

/// How sockets begin, for all of a server. Written before the first socket is accepted.
/// Thread-safe.
struct transport_settings {
  std::unique_ptr<tls_certificates> tls; ///< null: none
  bool tls_required = false;
  proxy_config proxy;
};

/// Whether a server can begin connections so: the keys go together, the files can be used.
text_result<> check_transport(const tls_config& tls, const proxy_config& proxy);

class transport_opening {
public:
  enum class step : std::uint8_t {
    more,          ///< the rest is still to come
    open,          ///< what `rest` gives is HTTP, or the transport has become secure
    plain_refused, ///< plain bytes where TLS is asked for
    failed,        ///< close it
  };

  /// Null where bytes are HTTP from the first on.
  static std::unique_ptr<transport_opening> needed(const transport_settings& settings,
                                                   const client_address& peer, port_kind port);

  /// More has come on `socket`. To be called until it is no longer `more`.
  step take(std::string_view bytes, transport& socket);

  /// Received and not part of what came before HTTP. When `open`.
  std::string rest() && { return std::move(received_); }

  /// Of whom a proxy spoke.
  const std::optional<client_address>& client() const { return client_; }

private:
  transport_opening(const transport_settings& settings, const client_address& peer)
    : settings_(settings),
      peer_(peer) {}

  step take_header();

  const transport_settings& settings_;
  const client_address peer_;
  std::string received_;
  std::optional<client_address> client_;
  bool wants_header_ = false;
  bool wants_tls_ = false;
};

} // namespace troupe
