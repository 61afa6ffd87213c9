#include "clients/cli/advice.hpp"

namespace troupe_cli {

namespace {

constexpr std::string_view how_to_give_a_token =
  "Give a token with --token or in TROUPE_TOKEN; `troupe token` makes one to try.";

} // namespace

std::string whole_url(std::string_view given) {
  if (given.starts_with("http://"))
    return "ws://" + std::string(given.substr(7));
  if (given.starts_with("https://"))
    return "wss://" + std::string(given.substr(8));
  return given.find("://") == std::string_view::npos ? "ws://" + std::string(given)
                                                     : std::string(given);
}

std::string advice_about(const troupe_client::state& now, const std::string& url, bool has_token) {
  const auto shown = url.substr(0, url.find_first_of("?#")); // a token may stand in the rest
  const auto says = [&now](std::string_view text) {
    return now.reason.find(text) != std::string::npos;
  };
  if (now.code == 4401 || says("Token expired"))
    return "The token has expired: get a new one.";
  if (says("Token required") || (says("Invalid token") && !has_token))
    return std::string(how_to_give_a_token);
  if (says("Invalid token"))
    return "The server has another key, issuer or audience than the token.";
  if (url.starts_with("wss://") && says("wrong version number"))
    return "Does the server speak TLS? Try ws://" + shown.substr(6);
  if (says("certificate verify failed"))
    return "The variable SSL_CERT_FILE may name a file with the certificate to trust.";
  if (says("cannot connect"))
    return "Is a server running at " + shown + "? `troupe serve` starts one.";
  if (says("cannot find the host"))
    return "Is the name in " + shown + " right?";
  if (now.http_status == 404)
    return "The path must be /ws, or none.";
  if (says("ws://"))
    return "For example ws://127.0.0.1:8081";
  return {};
}

std::string advice_about(const troupe_client::failure& why, bool has_token) {
  using troupe_client::errc;
  switch (why.code) {
  case errc::insufficient_permissions:
    if (why.message.find("no namespace") != std::string::npos)
      return {}; // for any token
    return has_token ? "The token does not allow that." : std::string(how_to_give_a_token);
  case errc::invalid_name:
    return "Names are letters, digits and _ - : @ /, in parts divided by dots.";
  case errc::limit_exceeded:
    return "Leave out some, or raise the limit on the server.";
  default:
    return {};
  }
}

} // namespace troupe_cli
