#include "server/net/listen_address.hpp"

#include "server/log/printable.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>

namespace troupe {

namespace asio = boost::asio;

text_result<std::string> find_listen_address(const std::string& host) {
  boost::system::error_code error;
  if (const auto address = asio::ip::make_address(host, error); !error)
    return address.to_string();
  asio::io_context unused;
  asio::ip::tcp::resolver resolver(unused);
  const auto found = resolver.resolve(host, "0", asio::ip::tcp::resolver::passive, error);
  if (error || found.empty())
    return fail("expected an IP address or a name that stands for one, got " + in_quotes(host) +
                (error ? ": " + error.message() : ""));
  const auto v4 =
    std::ranges::find_if(found, [](const auto& each) { return each.endpoint().address().is_v4(); });
  return (v4 == found.end() ? *found.begin() : *v4).endpoint().address().to_string();
}

std::string describe_listening(const std::string& address, std::uint16_t port, bool tls_only,
                               std::uint16_t tls_port) {
  const auto with_port = [](const std::string& host, std::uint16_t number) {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? '[' + host + ']' : host) + ':' + std::to_string(number);
  };
  const auto url = [&](const std::string& host) {
    return (tls_only ? "https://" : "http://") + with_port(host, port) + '/';
  };
  std::string out;
  if (address == "0.0.0.0")
    out = with_port(address, port) + " (every IPv4 address), here " + url("127.0.0.1");
  else if (address == "::")
    out = with_port(address, port) + " (every address), here " + url("::1");
  else
    out = url(address);
  if (tls_port != 0)
    out += ", and for TLS alone on port " + std::to_string(tls_port);
  return out;
}

} // namespace troupe
