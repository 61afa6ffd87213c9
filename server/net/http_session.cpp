#include "server/net/http_session.hpp"

#include "server/log/log.hpp"
#include "server/net/http_server.hpp"

namespace troupe {

namespace {

// Read at once: a request, or a part of one. A pipelining client has as much in its socket as the
// kernel takes, and what is left of it has to be moved after each request.
constexpr std::size_t portion_bytes = 16 * 1024;

} // namespace

http_session::http_session(http_server& server, descriptor socket,
                           const troupe::client_address& peer, port_kind port)
  : stream_pump(transport(std::move(socket))),
    server_(server),
    opening_(transport_opening::needed(server.transports(), peer, port)),
    peer_(peer),
    client_(peer) {}

io_loop& http_session::net() const {
  return server_.loop();
}

bool http_session::start() {
  arm(server_.context().live().bounds.handshake_timeout);
  return net().watch(socket_.get(), *this);
}

void http_session::arm(std::chrono::milliseconds time) {
  net().arm(*this, net().now() + time);
}

void http_session::close() {
  if (!socket_)
    return;
  cancel();
  if (socket_.is_secure())
    socket_.finish();
  socket_ = {};
  end_answer();
  server_.forget(*this);
}

void http_session::on_deadline(timer_wheel::time_point) {
  const auto self = shared_from_this();
  // A request that began and did not end is told so; a silent or idle one just closes.
  if (reader_ && reader_->begun() && !responding_ && !lingering_) {
    note(reader_->header());
    if (server_.charge(*this, refusal_reason::timeout))
      respond_last(error_response({errc::timeout, "The request did not come in time"}, 408));
    return;
  }
  close();
}

void http_session::on_ready(readiness what) {
  if (!socket_)
    return;
  const auto self = shared_from_this();
  socket_.note(what);
  if (what.writable && socket_.full) {
    socket_.full = false;
    write();
  }
  if (!what.readable || !socket_)
    return;
  if (!responding_ && server_.takes_turns())
    go_on_later();
  else
    receive();
}

// Takes what the kernel has, in portions: others are waiting too. What is pipelined stays with the
// kernel until some of it has been answered; of a request, nothing but half a line stays in
// `input_`.
void http_session::receive() {
  if (socket_.in_handshake() && !std::exchange(its_turn_, false)) {
    if (!std::exchange(queues_, true))
      server_.await_handshake_turn(*this);
    return;
  }
  const std::size_t input_max = server_.context().live().bounds.http_header_bytes_max;
  auto read = reading::stopped;
  if (input_.size() <= input_max)
    read = receive_portions(
      [&](std::span<const char> bytes) {
        if (opening_) {
          if (!open_transport({bytes.data(), bytes.size()}) || socket_.in_handshake())
            return false;
        } else if (!lingering_) {
          input_.append(bytes.data(), bytes.size());
        }
        return input_.size() <= input_max;
      },
      portion_bytes);
  if (read == reading::failed && *socket_.tls_error() != '\0')
    return refuse_tls();
  if (among_handshakes && !socket_.in_handshake())
    server_.end_handshake(*this);
  const bool silent = lingering_ || (input_.empty() && !responding_);
  if (read == reading::failed || (read == reading::ended && silent))
    return close();
  said_all_ |= read == reading::ended; // it waits for the answer
  if (!socket_ || !wait_if_unsent())
    return;
  if (!responding_ && !lingering_)
    parse();
  if (socket_.readable && !responding_)
    go_on_later();
}

void http_session::take_handshake_turn() {
  queues_ = false;
  if (!socket_)
    return;
  const auto self = shared_from_this();
  its_turn_ = true;
  receive();
  its_turn_ = false;
}

// Looks at the first bytes of all. False when they lead to no request.
bool http_session::open_transport(std::string_view bytes) {
  const auto so_far = opening_->take(bytes, socket_);
  if (so_far == transport_opening::step::more)
    return true;
  const auto opened = std::exchange(opening_, nullptr);
  if (so_far == transport_opening::step::failed) {
    close();
    return false;
  }
  if (opened->client()) {
    peer_ = client_ = *opened->client();
    server_.belongs_to(*this, peer_);
  }
  if (socket_.in_handshake())
    server_.begin_handshake(*this);
  if (so_far == transport_opening::step::plain_refused) {
    if (server_.charge(*this, refusal_reason::bad_request))
      respond_last(
        error_response({errc::bad_request, "Only TLS is spoken here: https or wss"}, 400));
    return false;
  }
  input_ = std::move(*opened).rest();
  return true;
}

// OpenSSL has sent the alert that says why.
void http_session::refuse_tls() {
  const bool too_many = server_.count_refusal(*this, refusal_reason::tls) > gcra::duration::zero();
  if (!too_many)
    log_debug("TLS failed", {{"client", client_.to_string()}, {"why", socket_.tls_error()}});
  socket_.give_up_tls();
  if (too_many)
    return close();
  linger();
  socket_.readable = true;
  go_on_later();
}

void http_session::go_on_later() {
  if (!std::exchange(goes_on_, true))
    server_.go_on_later(*this);
}

void http_session::go_on() {
  goes_on_ = false;
  if (!socket_ || responding_)
    return;
  if (socket_.readable)
    receive();
  else if (!lingering_)
    parse();
}

// Takes one request out of the input, if it is all there.
void http_session::parse() {
  if (!reader_)
    reader_.emplace(server_.context().live().bounds);
  const bool had_begun = reader_->begun();
  input_.erase(0, reader_->read(input_));
  if (kept_ && !had_begun && reader_->begun())
    arm(server_.context().live().bounds.handshake_timeout);
  if (const auto& refusal = reader_->refusal())
    return refuse_request(*refusal);
  if (!reader_->done()) {
    if (said_all_)
      return close();
    if (reader_->take_continue()) {
      output_ += "HTTP/1.1 100 Continue\r\n\r\n";
      write();
    }
    return;
  }
  note(reader_->header());
  form_.keep_alive = reader_->keep_alive() && !server_.draining();
  http_request request = reader_->take();
  reader_.reset();
  begin_answer();
  server_.take_request(*this, request);
}

void http_session::refuse_request(const http_response& why) {
  note(reader_->header());
  const bool too_large = why.status == 413 || why.status == 431;
  if (server_.charge(*this, too_large ? refusal_reason::too_large : refusal_reason::bad_request))
    respond_last(why);
}

std::pair<transport, std::string> http_session::become_connection() {
  cancel();
  end_answer();
  std::pair<transport, std::string> given{std::move(socket_), std::move(input_)};
  server_.forget(*this);
  return given;
}

} // namespace troupe
