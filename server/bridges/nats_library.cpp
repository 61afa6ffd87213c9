#include "server/bridges/nats_library.hpp"

#include <openssl/ssl.h>

#include <atomic>

namespace troupe {

natsStatus close_nats(std::int64_t patience_ms) {
  // nats.c frees the list of compression methods. OpenSSL has made it by then, for it is made but
  // once; contexts of the server's own may point to it, so that it is kept.
  static std::atomic<const void*> kept = nullptr;
  if (SSL_COMP_get_compression_methods() != nullptr)
    kept = SSL_COMP_set0_compression_methods(nullptr);
  return nats_CloseAndWait(patience_ms);
}

} // namespace troupe
