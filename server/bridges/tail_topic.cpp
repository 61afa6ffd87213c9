#include "server/bridges/tail_command.hpp"
#include "server/text/url.hpp"
#include "troupe/access.hpp"
#include "troupe/json/json_text.hpp"
#include "troupe/wire/names.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <ostream>
#include <type_traits>
#include <utility>

namespace troupe {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

using tls_stream = beast::ssl_stream<tcp::socket>;

struct address {
  bool tls = false;
  std::string host{};
  std::string port = "80";
  std::string path = "/ws";
};

// `ws://host[:port][/path]`, or `wss://`
std::optional<address> parse_address(std::string_view url) {
  const auto parts = split_url(url);
  if (!parts || parts->host.empty() || (parts->scheme != "ws" && parts->scheme != "wss"))
    return std::nullopt;
  address out;
  if (parts->scheme == "wss")
    out = {.tls = true, .port = "443"};
  if (parts->port)
    out.port = *parts->port;
  if (parts->rest.size() > 1)
    out.path = parts->rest;
  out.host = parts->host;
  if (out.host.starts_with('[')) // an IPv6 address
    out.host = out.host.substr(1, out.host.size() - 2);
  if (parts->user_info) // means nothing here: no such host is found
    out.host = std::string(*parts->user_info) + '@' + out.host;
  if (out.port.empty() || !out.path.starts_with('/'))
    return std::nullopt;
  return out;
}

template <class Stream>
class topic_reader {
public:
  /// `rest` goes to the stream: of TLS, the context.
  template <class... Rest>
  topic_reader(const tail_command& wanted, std::ostream& out, std::ostream& err, Rest&... rest)
    : wanted_(wanted),
      out_(out),
      err_(err),
      socket_(loop_, rest...),
      signals_(loop_, SIGINT, SIGTERM) {}

  int run(const address& to) {
    signals_.async_wait([this](boost::system::error_code, int) { end(0); });
    open(to);
    read();
    loop_.run();
    return result_;
  }

private:
  void open(const address& to) {
    tcp::resolver resolver(loop_);
    asio::connect(beast::get_lowest_layer(socket_), resolver.resolve(to.host, to.port));
    if constexpr (std::is_same_v<Stream, tls_stream>)
      secure(to);
    socket_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, "troupe tail");
      if (!wanted_.token.empty())
        request.set(beast::http::field::authorization, "Bearer " + wanted_.token);
    }));
    socket_.read_message_max(64 * 1024 * 1024);
    socket_.handshake(to.host + ":" + to.port, to.path);
    std::string request = R"({"type":"subscribe","topics":[)";
    append_json_string(request, wanted_.name);
    socket_.write(asio::buffer(request + "]}"));
  }

  void secure(const address& to) {
    auto& stream = socket_.next_layer();
    // Names only, no addresses (RFC 6066 section 3). The macro for it has an old-style cast.
    beast::error_code is_name;
    asio::ip::make_address(to.host, is_name);
    if (auto name = to.host; is_name)
      SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               name.data());
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(to.host));
    stream.handshake(asio::ssl::stream_base::client);
  }

  void read() {
    socket_.async_read(buffer_, [this](beast::error_code error, std::size_t) {
      if (ended_)
        return;
      if (error) {
        err_ << "troupe tail: the connection has ended: " << closing_text(error) << '\n';
        return end(1);
      }
      take(beast::buffers_to_string(buffer_.data()));
      buffer_.consume(buffer_.size());
      if (!ended_)
        read();
    });
  }

  std::string closing_text(beast::error_code error) const {
    const auto& reason = socket_.reason();
    if (error != websocket::error::closed || reason.code == websocket::close_code::none)
      return error.message();
    return std::to_string(reason.code) + ' ' + std::string(reason.reason.c_str());
  }

  void take(const std::string& text) {
    const auto frame = nlohmann::json::parse(text, nullptr, false);
    const auto text_in = [&frame](const char* key) {
      const auto of = frame.is_object() ? frame.find(key) : frame.end();
      return of != frame.end() && of->is_string() ? of->get<std::string>() : std::string();
    };
    const auto type = text_in("type");
    if (const auto room = text_in("room"); type == "connection" && !room.empty())
      leave(room);
    if (type == "subscribed") {
      const auto topics = frame.find("topics"); // the user's inbox is told of, too
      if (topics != frame.end() && topics->is_array() &&
          std::ranges::find(*topics, nlohmann::json(wanted_.name)) == topics->end())
        return;
      err_ << "troupe tail: listening\n" << std::flush;
      return;
    }
    std::string line;
    append_one_line(line, text);
    if ((type == "error" && text_in("room").empty()) || type == "disconnect") {
      err_ << "troupe tail: " << line << '\n';
      return end(1);
    }
    if (!matches_pattern(wanted_.name, text_in("topic")))
      return; // of something else: an announcement, the last words of a room
    out_ << line << '\n' << std::flush;
    if (!out_)
      return end(1); // nobody reads any more
    if (++printed_ == wanted_.count)
      end(0);
  }

  // The server's default room: it was asked for a topic.
  void leave(const std::string& room) {
    std::string request = R"({"type":"leave","room":)";
    append_json_string(request, room);
    socket_.write(asio::buffer(request + "}"));
  }

  // Says goodbye, but does not wait for long: the server may be gone.
  void end(int result) {
    if (std::exchange(ended_, true))
      return;
    result_ = result;
    beast::error_code ignored;
    signals_.cancel(ignored);
    patience_.expires_after(std::chrono::seconds(1));
    patience_.async_wait([this](beast::error_code) {
      beast::error_code failed;
      beast::get_lowest_layer(socket_).close(failed);
    });
    socket_.async_close(websocket::close_code::normal,
                        [this](beast::error_code) { patience_.cancel(); });
  }

  const tail_command& wanted_;
  std::ostream& out_;
  std::ostream& err_;
  asio::io_context loop_{1};
  websocket::stream<Stream> socket_;
  asio::signal_set signals_;
  asio::steady_timer patience_{loop_};
  beast::flat_buffer buffer_;
  std::uint64_t printed_ = 0;
  int result_ = 0;
  bool ended_ = false;
};

int read_topic(const tail_command& wanted, const address& to, std::ostream& out,
               std::ostream& err) {
  if (!to.tls)
    return topic_reader<tcp::socket>(wanted, out, err).run(to);
  asio::ssl::context trusted(asio::ssl::context::tls_client);
  trusted.set_default_verify_paths();
  return topic_reader<tls_stream>(wanted, out, err, trusted).run(to);
}

} // namespace

int tail_topic(const tail_command& wanted, std::ostream& out, std::ostream& err) {
  const auto to = parse_address(wanted.url);
  if (!to) {
    err << "troupe tail: --url must be ws://HOST[:PORT][/PATH] or wss://\n";
    return 1;
  }
  if (!valid_name(wanted.name) && !valid_topic_pattern(wanted.name)) {
    err << "troupe tail: not the name of a topic, nor a pattern of names\n";
    return 1;
  }
  try {
    return read_topic(wanted, *to, out, err);
  } catch (const boost::system::system_error& error) {
    err << "troupe tail: cannot listen at " << to->host << " port " << to->port << ": "
        << error.code().message() << '\n';
    return 1;
  }
}

} // namespace troupe
