// How a session answers: what the request's header says about it, how it is written, and what comes
// after it.
#include "server/net/cors.hpp"
#include "server/net/http_server.hpp"
#include "server/net/http_session.hpp"

namespace troupe {

namespace http = boost::beast::http;

namespace {

client_address client_of(const http_header& request, const proxy_config& proxy,
                         client_address peer) {
  if (!proxy.trusts(proxy_protocol::x_forwarded_for, peer))
    return peer;
  std::vector<std::string_view> fields;
  const auto [begin, end] = request.equal_range("X-Forwarded-For");
  for (auto it = begin; it != end; ++it)
    fields.emplace_back(it->value().data(), it->value().size());
  return forwarded_client(fields, proxy.trusted, peer);
}

} // namespace

// Who asks, and what the answer depends on, as far as the header has come.
void http_session::note(const http_header& header) {
  client_ = client_of(header, server_.transports().proxy, peer_);
  form_ = {.http_1_0 = header.version() == 10,
           .head_only = header.method() == http::verb::head,
           .for_pages = cors_fields(server_.context().live().origins, header),
           .all_for_pages = is_for_pages(header)};
}

// From here on somebody owes the client an answer, until all of it has left. Whoever does has a
// time-out of its own.
void http_session::begin_answer() {
  cancel();
  if (!std::exchange(responding_, true))
    server_.answer_begins();
}

void http_session::end_answer() {
  if (std::exchange(responding_, false))
    server_.answer_ends();
}

void http_session::respond(const http_response& what) {
  if (!socket_)
    return;
  begin_answer();
  server_.metrics().answered(what.status);
  form_.date = server_.context().observers.now();
  output_ += serialize(what, form_);
  write_answer();
}

void http_session::respond_last(const http_response& what) {
  form_.keep_alive = false;
  respond(what);
}

void http_session::respond_raw(std::string_view bytes) {
  if (!socket_)
    return;
  begin_answer();
  form_.keep_alive = false;
  output_ += bytes;
  write_answer();
}

void http_session::write_answer() {
  writing_ = true;
  arm(server_.context().live().bounds.handshake_timeout); // for the client to take it
  write();
}

void http_session::write() {
  if (!send_from(text_source(output_)) || socket_.full || !writing_)
    return;
  writing_ = false;
  finished_response();
}

void http_session::finished_response() {
  end_answer();
  if (said_all_ && input_.empty())
    return close();
  if (!form_.keep_alive)
    return linger();
  server_.mark_idle(*this);
  kept_ = true;
  arm(server_.context().live().bounds.keep_alive_timeout);
  go_on_later();
}

// Closing at once with unread bytes would reset the connection before the client has read our
// answer.
void http_session::linger() {
  lingering_ = true;
  std::string{}.swap(input_); // what was pipelined is not answered any more
  socket_.finish();
  arm(server_.context().live().bounds.close_timeout);
}

} // namespace troupe
