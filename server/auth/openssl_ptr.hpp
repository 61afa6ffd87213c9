// OpenSSL's objects, freed when they go out of scope. For the files here that speak to OpenSSL.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>

namespace troupe {

template <auto release>
struct openssl_free {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

/// A buffer that OpenSSL has allocated.
struct openssl_free_buffer {
  void operator()(void* buffer) const { OPENSSL_free(buffer); }
};

using bio_ptr = std::unique_ptr<BIO, openssl_free<BIO_free_all>>;
using bignum_ptr = std::unique_ptr<BIGNUM, openssl_free<BN_free>>;
using digest_context_ptr = std::unique_ptr<EVP_MD_CTX, openssl_free<EVP_MD_CTX_free>>;
using ecdsa_signature_ptr = std::unique_ptr<ECDSA_SIG, openssl_free<ECDSA_SIG_free>>;
using key_context_ptr = std::unique_ptr<EVP_PKEY_CTX, openssl_free<EVP_PKEY_CTX_free>>;
using parameters_ptr = std::unique_ptr<OSSL_PARAM, openssl_free<OSSL_PARAM_free>>;
using parameter_builder_ptr = std::unique_ptr<OSSL_PARAM_BLD, openssl_free<OSSL_PARAM_BLD_free>>;
template <class T>
using openssl_buffer = std::unique_ptr<T, openssl_free_buffer>;

/// Forgets what a failed call has left behind, so that no later one finds it.
struct openssl_errors_forgotten {
  openssl_errors_forgotten() { ERR_clear_error(); }
  ~openssl_errors_forgotten() { ERR_clear_error(); }
  openssl_errors_forgotten(const openssl_errors_forgotten&) = delete;
  openssl_errors_forgotten& operator=(const openssl_errors_forgotten&) = delete;
};

inline const unsigned char* openssl_bytes(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}

} // namespace troupe
