#include "server/net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include <unistd.h>

namespace troupe {

namespace {

// Forward secrecy and authenticated encryption only. TLS 1.3 has nothing else.
constexpr const char* ciphers_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";

constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// A client that names protocols but not this one is told so (RFC 7301 section 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned offered_bytes, void*) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_bytes, http_1_1, sizeof http_1_1, offered,
                            offered_bytes) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// Without this, OpenSSL asks the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

// The first error is the cause; those behind it say where it was noticed.
std::string first_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "not usable";
}

std::string trouble_with_key() {
  const auto why = first_error();
  return (why.ends_with("mismatch") ? "not the key of the certificate: "
                                    : "expected a private key in PEM, without a passphrase: ") +
         why;
}

tl::unexpected<std::string> fail_about(const char* key, const std::string& file,
                                       const std::string& error) {
  return fail(std::string("tls.") + key + " " + file + ": " + error);
}

bool readable(const std::string& file) {
  return ::access(file.c_str(), R_OK) == 0;
}

void set_manners(SSL_CTX& context, tls_version least) {
  SSL_CTX_set_min_proto_version(&context,
                                least == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                  SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(&context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                               SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(&context, ciphers_1_2);
  // One system call for a record instead of two.
  SSL_CTX_set_read_ahead(&context, 1);
  // Clients resume with tickets; we remember nobody.
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(&context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(&context, no_passphrase);
}

} // namespace

text_result<tls_context_ptr> make_tls_context(const tls_config& settings) {
  const auto& certificate = settings.certificate_file;
  const auto& key = settings.key_file;
  ERR_clear_error();
  tls_context_ptr made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!made)
    return fail("TLS: " + first_error());
  set_manners(*made, settings.min_version);
  if (!readable(certificate))
    return fail_about("certificate_file", certificate, std::strerror(errno));
  if (!readable(key))
    return fail_about("key_file", key, std::strerror(errno));
  if (SSL_CTX_use_certificate_chain_file(made.get(), certificate.c_str()) != 1)
    return fail_about("certificate_file", certificate,
                      "expected a certificate in PEM: " + first_error());
  if (SSL_CTX_use_PrivateKey_file(made.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail_about("key_file", key, trouble_with_key());
  if (SSL_CTX_check_private_key(made.get()) != 1)
    return fail_about("key_file", key, trouble_with_key());
  return made;
}

std::string valid_until(const ssl_ctx_st& context) {
  std::tm when{};
  const X509* certificate = SSL_CTX_get0_certificate(&context);
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &when) != 1)
    return "unknown";
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &when)};
}

bool has_expired(const ssl_ctx_st& context) {
  const X509* certificate = SSL_CTX_get0_certificate(&context);
  return certificate && X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
}

} // namespace troupe
