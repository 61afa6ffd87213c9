// How TLS is spoken here: an SSL_CTX with a certificate, made from the configuration. Thread-safe.
#pragma once

#include "troupe/wire/result.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st; // OpenSSL's SSL_CTX

namespace troupe {

enum class tls_version : std::uint8_t { v1_2, v1_3 };

inline constexpr std::array<std::string_view, 2> tls_version_names{"1.2", "1.3"};

struct tls_config {
  /// PEM files: the server's certificate with those between it and the root, and its private key.
  /// Both empty: no TLS.
  std::string certificate_file;
  std::string key_file;

  tls_version min_version = tls_version::v1_2;

  /// A port for TLS alone; 0: none beside `server.port`, where TLS is known by its first byte.
  std::uint16_t port = 0;

  /// Plain HTTP is refused.
  bool required = false;

  bool wanted() const { return !certificate_file.empty(); }
};

using tls_context_ptr = std::shared_ptr<ssl_ctx_st>;

/// What connections begin with. An error says why the files cannot be used, and nothing of what is
/// in them.
text_result<tls_context_ptr> make_tls_context(const tls_config& settings);

/// When the certificate ends, in UTC.
std::string valid_until(const ssl_ctx_st& context);
bool has_expired(const ssl_ctx_st& context);

} // namespace troupe
