// How TLS is spoken here: an SSL_CTX with a certificate, made from the configuration. Thread-safe.
#pragma once

#include "server/settings/tls_config.hpp"
#include "troupe/wire/result.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st; // OpenSSL's SSL_CTX

namespace troupe {

using tls_context_ptr = std::shared_ptr<ssl_ctx_st>;

/// What connections begin with. An error says why the files cannot be used, and nothing of what is
/// in them.
text_result<tls_context_ptr> make_tls_context(const tls_config& settings);

/// When the certificate ends, in UTC.
std::string valid_until(const ssl_ctx_st& context);
bool has_expired(const ssl_ctx_st& context);

} // namespace troupe
