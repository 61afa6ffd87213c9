#include "troupe_client/detail/wire.hpp"

#include "troupe_client/detail/byte_stream.hpp"
#include "troupe_client/detail/refusal.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>
#include <utility>
#include <vector>

namespace troupe_client::detail {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t message_bytes_max = 16 * 1024 * 1024;

class beast_wire : public wire, public std::enable_shared_from_this<beast_wire> {
public:
  beast_wire(asio::any_io_executor on, handshake with, wire_events events)
    : with_(std::move(with)),
      events_(std::move(events)),
      resolver_(on),
      socket_(on, with_.tls) {}

  void open() override {
    error_code no_address;
    const auto address = asio::ip::make_address(with_.to.host, no_address);
    if (no_address) {
      resolver_.async_resolve(with_.to.host, with_.to.port,
                              [self = shared_from_this()](error_code error, const auto& found) {
                                if (self->goes_on(error, "cannot find the host"))
                                  self->connect(
                                    std::vector<tcp::endpoint>(found.begin(), found.end()));
                              });
      return;
    }
    connect({{address, with_.to.port_number()}});
  }

  void send(std::string text) override {
    queued_bytes_ += text.size();
    queue_.push_back(std::move(text));
    write();
  }

  std::size_t queued_bytes() const override { return queued_bytes_; }

  void close() override {
    closing_ = true;
    if (open_ && queue_.empty())
      say_goodbye();
    else if (!open_)
      end({});
  }

  void abandon() override {
    events_ = {};
    ended_ = true;
    resolver_.cancel();
    socket_.next_layer().close();
  }

private:
  bool goes_on(error_code error, std::string_view what) {
    if (ended_)
      return false;
    if (error)
      end({.reason = std::string(what) + ": " + error.message()});
    return !error;
  }

  void connect(std::vector<tcp::endpoint> to) {
    addresses_ = std::move(to);
    asio::async_connect(socket_.next_layer().socket(), addresses_,
                        [self = shared_from_this()](error_code error, const tcp::endpoint&) {
                          if (!self->goes_on(error, "cannot connect"))
                            return;
                          error_code ignored;
                          self->socket_.next_layer().socket().set_option(tcp::no_delay(true),
                                                                         ignored);
                          self->secure();
                        });
  }

  void secure() {
    auto* tls = socket_.next_layer().tls();
    if (tls == nullptr)
      return shake_hands();
    // Names only, no addresses (RFC 6066 section 3). The macro for it has an old-style cast.
    error_code no_address;
    asio::ip::make_address(with_.to.host, no_address);
    if (no_address)
      SSL_ctrl(tls->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               with_.to.host.data());
    tls->set_verify_mode(asio::ssl::verify_peer);
    tls->set_verify_callback(asio::ssl::host_name_verification(with_.to.host));
    tls->async_handshake(asio::ssl::stream_base::client,
                         [self = shared_from_this()](error_code error) {
                           if (self->goes_on(error, "no TLS"))
                             self->shake_hands();
                         });
  }

  void decorate(websocket::request_type& request) const {
    request.set(http::field::user_agent, with_.user_agent);
    if (!with_.token.empty())
      request.set(http::field::authorization, "Bearer " + with_.token);
    std::string offered = "troupe.v1";
    if (!with_.session.empty())
      offered += ", session." + with_.session;
    request.set(http::field::sec_websocket_protocol, offered);
  }

  void shake_hands() {
    socket_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      decorate(request);
    })); // the socket is a part of this
    socket_.control_callback([weak = weak_from_this()](websocket::frame_type, beast::string_view) {
      if (const auto self = weak.lock(); self && self->events_.alive)
        self->events_.alive();
    });
    socket_.read_message_max(message_bytes_max);
    socket_.auto_fragment(false);
    socket_.async_handshake(response_, with_.to.authority(), with_.target,
                            [self = shared_from_this()](error_code error) { self->shaken(error); });
  }

  void shaken(error_code error) {
    if (ended_)
      return;
    const auto status = static_cast<int>(response_.result_int());
    const auto after = response_[http::field::retry_after];
    if (error == websocket::error::upgrade_declined)
      return end({.reason = refusal_text(status, response_.body()),
                  .http_status = status,
                  .retry_after = retry_after_of({after.data(), after.size()})});
    if (!goes_on(error, "no WebSocket"))
      return;
    open_ = true;
    response_ = {};
    read();
    write();
  }

  void read() {
    socket_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (self->ended_)
        return;
      if (error)
        return self->end_of_reading(error);
      const auto bytes = self->buffer_.data();
      if (self->events_.text)
        self->events_.text({static_cast<const char*>(bytes.data()), bytes.size()});
      self->buffer_.consume(self->buffer_.size());
      if (!self->ended_)
        self->read();
    });
  }

  void end_of_reading(error_code error) {
    const auto& said = socket_.reason();
    if (error == websocket::error::closed && said.code != websocket::close_code::none)
      return end({.code = said.code, .reason = {said.reason.c_str(), said.reason.size()}});
    end({.reason = error.message()});
  }

  void write() {
    if (!open_ || writing_ || ended_ || goodbye_said_)
      return;
    if (queue_.empty()) {
      if (closing_)
        say_goodbye();
      else if (events_.drained)
        events_.drained();
      return;
    }
    writing_ = true;
    socket_.text(true);
    socket_.async_write(asio::buffer(queue_.front()),
                        [self = shared_from_this()](error_code error, std::size_t) {
                          self->writing_ = false;
                          if (self->ended_)
                            return;
                          self->queued_bytes_ -= self->queue_.front().size();
                          self->queue_.pop_front();
                          if (error)
                            return; // the reader says what has happened
                          self->write();
                        });
  }

  void say_goodbye() {
    if (std::exchange(goodbye_said_, true))
      return;
    socket_.async_close(websocket::close_code::normal,
                        [self = shared_from_this()](error_code) { self->end({.code = 1000}); });
  }

  void end(wire_end how) {
    if (std::exchange(ended_, true))
      return;
    const auto events = std::exchange(events_, {});
    resolver_.cancel();
    socket_.next_layer().close();
    if (events.ended)
      events.ended(std::move(how));
  }

  handshake with_;
  wire_events events_;
  tcp::resolver resolver_;
  std::vector<tcp::endpoint> addresses_{};
  websocket::stream<byte_stream, false> socket_;
  websocket::response_type response_{};
  beast::flat_buffer buffer_{};
  std::deque<std::string> queue_{};
  std::size_t queued_bytes_ = 0;
  bool open_ = false;
  bool writing_ = false;
  bool closing_ = false;
  bool goodbye_said_ = false;
  bool ended_ = false;
};

} // namespace

std::shared_ptr<wire> make_wire(asio::any_io_executor on, handshake with, wire_events events) {
  return std::make_shared<beast_wire>(std::move(on), std::move(with), std::move(events));
}

} // namespace troupe_client::detail
