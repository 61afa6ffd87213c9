// The client behind its handles: one connection after the other, and what is to come back with
// each. Everything in here runs on one strand. In five files: the attempts and what ends them
// (core_connecting.cpp), what keeps a connection good (core_keeping.cpp), frames (core_frames.cpp),
// requests (core_requests.cpp), and rooms and topics (core_audiences.cpp).
#pragma once

#include "troupe_client/detail/audience.hpp"
#include "troupe_client/detail/backoff.hpp"
#include "troupe_client/detail/endpoint.hpp"
#include "troupe_client/detail/request_table.hpp"
#include "troupe_client/detail/start.hpp"
#include "troupe_client/detail/token_desk.hpp"
#include "troupe_client/detail/verdict.hpp"
#include "troupe_client/detail/watchdog.hpp"
#include "troupe_client/detail/wire.hpp"
#include "troupe_client/events.hpp"
#include "troupe_client/options.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace troupe_client::detail {

/// A request as a handle makes it.
struct request {
  outgoing what;
  request_kind kind = request_kind::ask;
  bool except_me = false;
};

/// By this a request can be taken back.
struct ticket {
  std::uint64_t id = 0;
  bool aborted = false;
};
using ticket_ptr = std::shared_ptr<ticket>;

class core : public std::enable_shared_from_this<core> {
public:
  core(boost::asio::any_io_executor on, const std::string& url, options with, events tell);
  ~core();
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  /// Queues `what` on the strand. From any thread, like nothing else here.
  template <class What>
  void post(What what) {
    boost::asio::post(
      on_, [self = shared_from_this(), what = std::move(what)]() mutable { what(*self); });
  }
  const boost::asio::any_io_executor& executor() const { return on_; }

  void start();
  void close(std::function<void()> then);
  const state& now() const { return state_; }
  std::size_t timers() const { return *pending_alarms_; }

  void ask(request what, const ticket_ptr& by, answer_taker then);
  void abort(const ticket_ptr& by);

  void listen(const audience_key& to, bool presence, const hearer_ptr& by);
  void leave(const hearer_ptr& by);

private:
  using clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  // core_connecting.cpp
  void attempt();
  void open_wire(const std::string& token);
  std::string target_of_attempt() const;
  void opened(const frame& connection);
  void ended(wire_end how);
  milliseconds delay_after(const wire_end& how);
  void try_again(milliseconds delay, int code, std::string reason, int http_status = 0);
  void finish(int code, std::string reason);
  void finished();
  void set_state(state to);
  double random();

  // core_keeping.cpp
  void watch();
  void authenticated(const frame& what);
  void refresh(std::string_view reason);
  void look_at_token();
  void token_failed(const std::string& why);

  // core_frames.cpp
  void take_text(std::string_view text);
  void take_unreadable(std::string_view text);
  void take(const frame_ptr& what);
  bool take_answer(const frame_ptr& what);
  void take_unasked(const frame_ptr& what);
  void take_error(const frame_ptr& what);
  void deliver(const frame_ptr& what);
  void deliver_topic(const std::string& topic, const frame_ptr& what);
  bool pass(audience& to, const frame_ptr& what);
  audience_ptr audience_of(const frame& what) const;
  void report(const std::string& what);
  template <class Call, class... What>
  void call(const Call& user, const What&... what);

  // core_requests.cpp
  void flush_later();
  void flush();
  void send_control(json content, answer_taker then);
  void mind_deadlines();
  bool clogged() const;

  // core_audiences.cpp
  void enter_all();
  void enter_room(const audience_ptr& room);
  void subscribe(const std::vector<audience_ptr>& topics);
  void leave_all();
  void confirm(audience& who, const json& where);
  void refused(audience& who, const failure& why);
  void end(audience& who, const failure& why);
  void everybody_out();

  boost::asio::any_io_executor on_;
  std::optional<endpoint> to_;
  options options_;
  events tell_;
  state state_{};
  alarm::count pending_alarms_ = std::make_shared<std::size_t>(0);
  std::mt19937_64 random_{std::random_device{}()};

  std::shared_ptr<wire> wire_;
  std::shared_ptr<token_desk> tokens_;
  judge judge_;
  backoff delays_;
  backoff token_delays_;
  watchdog watchdog_;
  json goodbye_; // the last `disconnect` of this connection
  std::string session_;
  bool open_ = false; // there was a `connection` frame
  bool closing_ = false;
  clock::time_point opened_at_{};
  std::chrono::nanoseconds renew_at_{
    0}; // by the clock that goes on while the machine sleeps; 0: never
  std::vector<std::function<void()>> closed_; // who waits for the end

  alarm next_attempt_;
  alarm patience_; // of an attempt, then of a close
  alarm watch_;
  alarm token_;
  alarm deadline_;

  request_table requests_;
  bool flush_queued_ = false;
  bool enter_wanted_ = false; // some room or topic is to be entered
  std::string msg_id_prefix_;
  std::uint64_t msg_ids_ = 0;

  audience_table audiences_;
  std::vector<audience_key> departing_; // left, and the server is not told yet
};

} // namespace troupe_client::detail
