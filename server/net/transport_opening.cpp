#include "server/net/transport_opening.hpp"

#include "server/log/log.hpp"

#include <utility>

namespace troupe {

namespace {

// The first byte of a TLS handshake (RFC 8446 section 5.1), and of no HTTP request.
constexpr char handshake_record = 0x16;

} // namespace

text_result<> check_transport(const tls_config& tls, const proxy_config& proxy) {
  if (proxy.protocol != proxy_protocol::none && proxy.trusted.empty())
    return fail("proxy.trusted: expected at least one address, else nobody is believed");
  if (tls.wanted() != !tls.key_file.empty())
    return fail("tls.certificate_file and tls.key_file: expected both or none");
  if (!tls.wanted() && (tls.required || tls.port != 0))
    return fail("tls.certificate_file: expected a file where tls.required or tls.port is set");
  if (!tls.wanted())
    return {};
  return make_tls_context(tls).transform([](const tls_context_ptr&) {});
}

std::unique_ptr<transport_opening> transport_opening::needed(const transport_settings& settings,
                                                             const client_address& peer,
                                                             port_kind port) {
  const bool header = settings.proxy.trusts(proxy_protocol::proxy_v2, peer);
  if (!header && !settings.tls)
    return nullptr;
  std::unique_ptr<transport_opening> made(new transport_opening(settings, peer));
  made->wants_header_ = header;
  made->wants_tls_ = settings.tls_required || port == port_kind::tls_only;
  return made;
}

transport_opening::step transport_opening::take(std::string_view bytes, transport& socket) {
  received_ += bytes;
  if (wants_header_)
    if (const auto so_far = take_header(); so_far != step::open)
      return so_far;
  if (!settings_.tls)
    return step::open;
  if (received_.empty())
    return step::more;
  if (received_.front() != handshake_record)
    return wants_tls_ ? step::plain_refused : step::open;
  auto session =
    tls_session::begin(settings_.tls->current(), socket.get(), std::exchange(received_, {}));
  return socket.secure(std::move(session)) ? step::open : step::failed;
}

transport_opening::step transport_opening::take_header() {
  const auto header = read_proxy_header(received_);
  if (!header) {
    if (header.error() == proxy_error::incomplete)
      return step::more;
    log_repeated(log_level::warning, "no valid PROXY header from a trusted address",
                 {{"address", peer_.to_string()}});
    return step::failed;
  }
  if (header->client.known())
    client_ = header->client;
  received_.erase(0, header->bytes);
  wants_header_ = false;
  return step::open;
}

} // namespace troupe
