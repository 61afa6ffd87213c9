#include "server/net/handshake.hpp"

#include "server/net/deflate_offer.hpp"
#include "server/net/list_fields.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>

namespace troupe {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view subprotocol = "troupe.v1";

http_response upgrade_required(std::string message) {
  auto response = error_response({errc::bad_request, std::move(message)}, 426);
  response.fields = {
    {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}};
  return response;
}

// Sixteen bytes in base64.
bool valid_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("=="))
    return false;
  return key.find_first_not_of(
           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") == 22;
}

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 29> encoded; // 28 and the zero that OpenSSL adds
  EVP_EncodeBlock(encoded.data(), digest.data(), SHA_DIGEST_LENGTH);
  return {reinterpret_cast<const char*>(encoded.data()), 28};
}

} // namespace

result<std::string, http_response> answer_handshake(const http_request& request,
                                                    std::string_view extensions) {
  if (!asks_for_websocket(request))
    return fail(upgrade_required("This path is for WebSockets"));
  if (request[http::field::sec_websocket_version] != "13")
    return fail(upgrade_required("Only WebSocket version 13 is spoken here"));
  const std::string_view key{request[http::field::sec_websocket_key].data(),
                             request[http::field::sec_websocket_key].size()};
  if (!valid_key(key))
    return fail(
      error_response({errc::bad_request, "'Sec-WebSocket-Key' must be 16 bytes in base64"}));
  std::string response = "HTTP/1.1 101 Switching Protocols\r\n"
                         "Upgrade: websocket\r\n"
                         "Connection: Upgrade\r\n"
                         "Sec-WebSocket-Accept: " +
                         accept_key(key) + "\r\n";
  if (lists(request, http::field::sec_websocket_protocol, subprotocol))
    response.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
  if (!extensions.empty())
    response.append("Sec-WebSocket-Extensions: ").append(extensions).append("\r\n");
  return response += "\r\n";
}

std::string agree_on_deflate(const http_request& request, const deflate_settings& ours) {
  return answer_deflate_offers(whole_list(request, http::field::sec_websocket_extensions), ours);
}

} // namespace troupe
