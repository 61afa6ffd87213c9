// The HTTP server of one I/O loop: takes accepted sockets, answers HTTP, lets WebSockets in. One
// per loop, on that loop's thread.
#pragma once

#include "server/edge/connection_limits.hpp"
#include "server/edge/refused_rate.hpp"
#include "server/net/connection_log.hpp"
#include "server/net/deflate.hpp"
#include "server/net/embedded_file.hpp"
#include "server/net/http_session.hpp"
#include "server/net/io_loop.hpp"
#include "server/net/nearest_path.hpp"
#include "server/net/session_turns.hpp"
#include "server/settings/deflate_settings.hpp"
#include "server/settings/rejection.hpp"
#include "troupe/server_context.hpp"

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

class echo_connection;
class outlet;

/// What the HTTP servers of all loops share. Written before they open, but for `ready`.
/// Thread-safe.
struct http_settings {
  embedded_file page;      ///< at `/`
  embedded_file client;    ///< at `/troupe-client.js`, for the page and for any other
  bool metrics = true;     ///< `/metrics` is there
  std::string metrics_key; ///< and asks for this key; or empty
  transport_settings transports;
  rejection origin_reject = rejection::close;
  bool tokens_required = false; ///< nobody comes in without a valid one
  rejection auth_reject = rejection::close;
  bool echo = false;      ///< `/echo` is there
  std::string trace_user; ///< whose connections are logged; or empty
  std::unique_ptr<troupe::connection_limits> connection_limits;
  std::unique_ptr<troupe::refused_rate> refused_rate;
  deflate_settings deflate;
  std::atomic<bool> ready{false}; ///< `/readyz`; else nobody is let in
};

class http_server {
public:
  http_server(io_loop& on, const server_context& context, outlet& its_outlet,
              const http_settings& settings);
  ~http_server();

  io_loop& loop() const { return loop_; }
  const server_context& context() const { return context_; }
  loop_metrics& metrics() const;
  const transport_settings& transports() const { return settings_.transports; }

  /// All paths but those of the API, whether they are switched on or not.
  static std::vector<known_path> paths();

  /// A socket was accepted.
  void on_accept(descriptor socket, const client_address& peer, port_kind port);
  /// Closes a socket that is no WebSocket and has been silent for this long at least, because
  /// there is no descriptor left: see `socket_shares::beyond_all`. False when there is none.
  bool make_room(std::chrono::milliseconds silent_for);
  /// Tells who is no actor, and not told by the outlet, that the server is about to go.
  void drain();
  /// Closes everybody who is no connection.
  void close();
  /// Requests that have no answer yet, or not all of it. Any thread.
  std::uint32_t unanswered() const { return unanswered_.load(std::memory_order_relaxed); }

  // For the sessions.
  void take_request(http_session& from, const http_request& request);
  void forget(http_session& who);
  void forget(const echo_connection& who);
  /// `who` has been answered and awaits nothing more than the others who came before it.
  void mark_idle(http_session& who);
  /// Counts a refusal by its reason, if it has one, and charges it to the address that asks; or,
  /// when that has had too many, counts just this. Returns how long until it may have another:
  /// zero, if it was not too many.
  gcra::duration count_refusal(const http_session& who, std::optional<refusal_reason> why);
  /// The same. False, and answered with 429, when it was one too many: then nothing more is to be
  /// done about it. Also for what costs as much as a refusal.
  bool charge(http_session& who, std::optional<refusal_reason> why = std::nullopt);
  void answer_begins() { unanswered_.fetch_add(1, std::memory_order_relaxed); }
  void answer_ends() { unanswered_.fetch_sub(1, std::memory_order_relaxed); }
  /// Nobody is let in any more, and no socket is kept for a further request.
  bool draining() const { return !settings_.ready.load(std::memory_order_relaxed); }
  /// Its client has turned out to be somebody else than the other end of its socket.
  void belongs_to(http_session& who, const client_address& client);
  /// Its TLS handshake has begun, and is over. In between, `who` gets a turn for each step:
  /// addresses take turns, so that one which begins a thousand does not keep the others waiting.
  void begin_handshake(http_session& who);
  void end_handshake(http_session& who);
  void await_handshake_turn(http_session& who);
  /// `who` goes on when its turn has come: with what else it was sent, or with the next request.
  void go_on_later(http_session& who);
  /// Whether sessions that have something to read have to wait for their turn now.
  bool takes_turns() const { return going_on_.busy(); }
  troupe::connection_limits& connection_limits() const { return *settings_.connection_limits; }
  troupe::connection_log& connection_log() { return connection_log_; }

private:
  /// What a WebSocket brings that was let in.
  struct entrant {
    std::string handshake;   ///< the answer to it
    std::string compression; ///< what was agreed on; or empty
    std::string user;        ///< as it calls itself; or empty
    identity_ptr who;        ///< by its token; or null
    troupe::admission admission;
    std::uint64_t sender = 0; ///< by the session it brought back; or 0
    std::optional<position>
      since{}; ///< what it has seen of its room, if it asks for what it missed
    std::optional<position> inbox_since{}; ///< the same of its inbox
    bool follows = false;                  ///< it is to be told who is in its room
  };
  struct call;
  struct route;
  static const route routes[];

  /// A refusal that is charged.
  void refuse(http_session& who, const http_response& told,
              std::optional<refusal_reason> why = std::nullopt);
  /// A refusal of what `who` has named, be it a path or a parameter: also charged. A WebSocket is
  /// closed with 1008, and what is wrong as the reason; any other request gets the error's status.
  void turn_away(http_session& who, const http_request& request, const error& told,
                 std::optional<refusal_reason> why = std::nullopt);

  bool is_there(const route& to) const;
  error wrong_path(const http_request& request, std::string_view path) const;
  holder_id holder_of(const client_address& who) const;
  std::uint64_t of_this_loop(std::uint64_t most) const;
  void enter_shares(http_session& who, holder_id of);
  bool make_room(const socket_shares::place& newest, std::chrono::milliseconds silent_for);
  void make_way(http_session& who, shared_resource where);
  void enter_room(const call& c, std::string_view type, std::string_view encoded_id);
  void answer_api(const call& c);
  void answer_metrics(const call& c);
  /// Lets a WebSocket in, or answers why not and returns nothing. The only way in.
  std::optional<entrant> admit(http_session& who, const http_request& request);
  bool check_room_left(http_session& who);
  text_result<std::string> display_name(const http_request& request) const;
  bool check_origin(http_session& who, const http_request& request, const std::string& handshake);
  bool check_address_limit(http_session& who);
  bool authenticate(http_session& who, const http_request& request, const std::string& handshake,
                    identity_ptr& bearer);
  static text_result<std::optional<position>> position_seen(const http_request& request,
                                                            std::string_view epoch_key,
                                                            std::string_view offset_key);
  text_result<bool> wants_to_follow(const http_request& request) const;
  void upgrade(http_session& who, const http_request& request, std::string room);
  void upgrade_echo(http_session& who, const http_request& request);
  http_response ready_response() const;
  bool is_ready() const;
  deflate_codec* codec_for(const std::string& compression);

  io_loop& loop_;
  const server_context& context_;
  outlet& outlet_;
  const http_settings& settings_;
  std::atomic<std::uint32_t> unanswered_{0};
  troupe::connection_log connection_log_;
  std::unique_ptr<deflate_codec> codec_; // once a client has agreed on compression
  std::list<std::shared_ptr<http_session>> sessions_;
  socket_shares sockets_;    // all of those: who has been waited for longest, first
  socket_shares handshakes_; // of TLS, that have begun and are not over
  session_turns<http_session> handshake_turns_;
  session_turns<http_session> going_on_;
  std::unordered_map<const echo_connection*, std::shared_ptr<echo_connection>> echoes_;
};

} // namespace troupe
