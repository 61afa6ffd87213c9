// troupe-peer-beast: a room server as one writes it with Boost.Beast after reading its examples: a
// session object per connection, a queue of shared strings in each, one async_write at a time.
// The room is the path; what a member says goes to every member as it is.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <sys/resource.h>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

class session;

// Who is in which room. Thread-safe.
class room_table {
public:
  void join(const std::string& room, session& member);
  void leave(const std::string& room, session& member);
  void say(const std::string& room, std::string text);

private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::unordered_set<session*>> rooms_;
};

class session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket&& socket, room_table& rooms) : stream_{std::move(socket)}, rooms_{rooms} {}

  ~session() {
    if (!room_.empty())
      rooms_.leave(room_, *this);
  }

  void start() {
    stream_.next_layer().socket().set_option(tcp::no_delay{true});
    stream_.next_layer().expires_after(std::chrono::seconds{30});
    http::async_read(stream_.next_layer(), buffer_, request_,
                     beast::bind_front_handler(&session::on_request, shared_from_this()));
  }

  void send(std::shared_ptr<const std::string> text) {
    asio::post(stream_.get_executor(),
               beast::bind_front_handler(&session::on_send, shared_from_this(), std::move(text)));
  }

private:
  void on_request(beast::error_code error, std::size_t) {
    if (error || !websocket::is_upgrade(request_))
      return;
    stream_.next_layer().expires_never();
    stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    stream_.async_accept(request_,
                         beast::bind_front_handler(&session::on_accept, shared_from_this()));
  }

  void on_accept(beast::error_code error) {
    if (error)
      return;
    buffer_.consume(buffer_.size());
    room_ = std::string{request_.target()};
    request_ = {};
    rooms_.join(room_, *this);
    read();
  }

  void read() {
    stream_.async_read(buffer_, beast::bind_front_handler(&session::on_read, shared_from_this()));
  }

  void on_read(beast::error_code error, std::size_t) {
    if (error)
      return;
    rooms_.say(room_, beast::buffers_to_string(buffer_.data()));
    buffer_.consume(buffer_.size());
    read();
  }

  void on_send(std::shared_ptr<const std::string> text) {
    queue_.push_back(std::move(text));
    if (queue_.size() == 1)
      write();
  }

  void write() {
    stream_.async_write(asio::buffer(*queue_.front()),
                        beast::bind_front_handler(&session::on_write, shared_from_this()));
  }

  void on_write(beast::error_code error, std::size_t) {
    if (error)
      return;
    queue_.erase(queue_.begin());
    if (!queue_.empty())
      write();
  }

  websocket::stream<beast::tcp_stream> stream_;
  room_table& rooms_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::string room_;
  std::vector<std::shared_ptr<const std::string>> queue_;
};

void room_table::join(const std::string& room, session& member) {
  const std::lock_guard lock{mutex_};
  rooms_[room].insert(&member);
}

void room_table::leave(const std::string& room, session& member) {
  const std::lock_guard lock{mutex_};
  rooms_[room].erase(&member);
}

void room_table::say(const std::string& room, std::string text) {
  const auto shared = std::make_shared<const std::string>(std::move(text));
  std::vector<std::weak_ptr<session>> members;
  {
    const std::lock_guard lock{mutex_};
    const auto& all = rooms_[room];
    members.reserve(all.size());
    for (auto* member : all)
      members.emplace_back(member->weak_from_this());
  }
  for (const auto& member : members) {
    if (const auto s = member.lock())
      s->send(shared);
  }
}

class listener : public std::enable_shared_from_this<listener> {
public:
  listener(asio::io_context& context, std::uint16_t port)
    : context_{context},
      acceptor_{context, tcp::endpoint{asio::ip::address_v4::loopback(), port}} {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void accept() {
    acceptor_.async_accept(asio::make_strand(context_),
                           beast::bind_front_handler(&listener::on_accept, shared_from_this()));
  }

private:
  void on_accept(beast::error_code error, tcp::socket socket) {
    if (!error)
      std::make_shared<session>(std::move(socket), rooms_)->start();
    accept();
  }

  asio::io_context& context_;
  tcp::acceptor acceptor_;
  room_table rooms_;
};

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"A plain Boost.Beast room server"};
  std::uint16_t port = 0;
  int threads = 1;
  app.add_option("--port", port, "Port on 127.0.0.1; 0: a free one")->capture_default_str();
  app.add_option("--threads", threads)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);

  asio::io_context context{threads};
  const auto accepting = std::make_shared<listener>(context, port);
  std::cout << "listening on 127.0.0.1:" << accepting->port() << std::endl;
  accepting->accept();
  asio::signal_set signals{context, SIGINT, SIGTERM};
  signals.async_wait([&](const beast::error_code&, int) { context.stop(); });
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i)
    others.emplace_back([&] { context.run(); });
  context.run();
}
