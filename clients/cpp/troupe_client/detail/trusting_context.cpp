#include "troupe_client/detail/wire.hpp"

#include <boost/asio/ssl/context.hpp>

namespace troupe_client::detail {

std::shared_ptr<boost::asio::ssl::context> trusting_context() {
  auto out = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client);
  boost::system::error_code ignored; // then no certificate is good, and the handshake says so
  out->set_default_verify_paths(ignored);
  return out;
}

} // namespace troupe_client::detail
