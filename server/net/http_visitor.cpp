#include "server/net/http_visitor.hpp"

#include "server/net/http_door.hpp"

#include <cerrno>

#include <sys/socket.h>

namespace troupe {

namespace http = boost::beast::http;

namespace {

constexpr int reads_per_turn = 4;

} // namespace

http_visitor::http_visitor(http_door& door, descriptor socket)
  : door_(door),
    socket_(std::move(socket)) {}

bool http_visitor::start() {
  door_.loop().arm(*this, door_.loop().now() + door_.here().bounds.handshake_timeout);
  return door_.loop().watch(socket_.get(), *this);
}

void http_visitor::close() {
  cancel();
  socket_ = {};
  door_.forget(*this);
}

void http_visitor::on_deadline(timer_wheel::time_point) {
  const auto self = shared_from_this();
  // A request that began and did not end is told so; a silent or idle one just closes.
  if (parser_ && parser_->got_some() && !answering_ && !lingering_) {
    keep_alive_ = false;
    return answer(error_answer({errc::timeout, "The request did not come in time"}, 408));
  }
  close();
}

void http_visitor::on_ready(readiness what) {
  if (!socket_)
    return;
  const auto self = shared_from_this();
  hung_up_ |= what.hung_up;
  if (what.writable && full_) {
    full_ = false;
    write();
  }
  if (what.readable && socket_) {
    readable_ = true;
    receive();
  }
}

// Takes what the kernel has, in portions: others are waiting too. What is pipelined beyond the
// bound stays with the kernel until some of it has been answered.
void http_visitor::receive() {
  const auto buffer = door_.loop().scratch();
  const auto& bounds = door_.here().bounds;
  const std::size_t input_max = bounds.http_header_bytes_max + bounds.http_body_bytes_max;
  for (int i = 0; i < reads_per_turn && readable_ && input_.size() <= input_max; ++i) {
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR)
      continue;
    const bool drained = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if ((got < 0 && !drained) || (got == 0 && (lingering_ || (input_.empty() && !answering_))))
      return close();
    readable_ = got == static_cast<ssize_t>(buffer.size()) || (got > 0 && hung_up_);
    said_all_ |= got == 0; // it waits for the answer
    if (got > 0 && !lingering_)
      input_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (!answering_ && !lingering_)
    parse();
  if (readable_ && !answering_)
    go_on_later();
}

// Not from here: a long line of pipelined requests must not become a deep stack.
void http_visitor::go_on_later() {
  if (std::exchange(goes_on_, true))
    return;
  door_.loop().post([self = shared_from_this()] {
    self->goes_on_ = false;
    if (!self->socket_ || self->answering_)
      return;
    if (self->readable_)
      self->receive();
    else if (!self->lingering_)
      self->parse();
  });
}

// Takes one request out of the input, if it is all there.
void http_visitor::parse() {
  if (!parser_) {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(door_.here().bounds.http_header_bytes_max));
    parser_->body_limit(door_.here().bounds.http_body_bytes_max);
    parser_->eager(true);
  }
  boost::beast::error_code error;
  while (!input_.empty() && !parser_->is_done()) {
    const auto used = parser_->put(boost::asio::buffer(input_), error);
    input_.erase(0, used);
    if (error && error != http::error::need_more)
      return refuse_request(error);
    if (error == http::error::need_more || used == 0)
      break;
  }
  if (!parser_->is_done()) {
    if (said_all_)
      close();
    return;
  }
  http_request request = parser_->release();
  parser_.reset();
  keep_alive_ = request.keep_alive();
  head_ = request.method() == http::verb::head;
  answering_ = true;
  door_.take_request(*this, request);
}

void http_visitor::refuse_request(boost::beast::error_code error) {
  keep_alive_ = false;
  if (error == http::error::header_limit)
    return answer(error_answer({errc::bad_request, "Header too large"}, 431));
  if (error == http::error::body_limit)
    return answer(error_answer({errc::bad_request, "Body too large"}, 413));
  answer(error_answer({errc::bad_request, "Not an HTTP request: " + error.message()}, 400));
}

void http_visitor::answer(const http_answer& what) {
  if (!socket_)
    return;
  answering_ = true;
  output_ = serialize(what, keep_alive_, head_);
  write();
}

void http_visitor::write() {
  while (!output_.empty()) {
    const ssize_t sent =
      ::send(socket_.get(), output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
      return close();
    if (sent < 0) {
      full_ = true;
      if (!door_.loop().watch_writable(socket_.get(), *this))
        close();
      return;
    }
    output_.erase(0, static_cast<std::size_t>(sent));
  }
  finished_answer();
}

void http_visitor::finished_answer() {
  answering_ = false;
  if (said_all_ && input_.empty())
    return close();
  if (!keep_alive_)
    return linger();
  door_.loop().arm(*this, door_.loop().now() + door_.here().bounds.handshake_timeout);
  go_on_later();
}

// Closing at once with unread bytes would reset the connection before the client has read our
// answer.
void http_visitor::linger() {
  lingering_ = true;
  ::shutdown(socket_.get(), SHUT_WR);
  door_.loop().arm(*this, door_.loop().now() + door_.here().bounds.close_timeout);
}

std::pair<descriptor, std::string> http_visitor::become_connection() {
  cancel();
  std::pair<descriptor, std::string> given{std::move(socket_), std::move(input_)};
  door_.forget(*this);
  return given;
}

} // namespace troupe
