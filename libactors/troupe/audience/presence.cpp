#include "troupe/audience/presence.hpp"

#include "troupe/audience/audience_host.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

using namespace std::chrono_literals;

// Between two diffs.
constexpr auto pause = 500ms;

// A page or diff is not longer, but for its last entry. What is left of a diff comes with the next.
constexpr std::size_t frame_bytes_max = 256 * 1024;

} // namespace

template <class Event>
Event presence::about() const {
  Event out;
  (host_.kind() == audience_kind::room ? out.room : out.topic) = host_.name();
  return out;
}

// -- who is here -------------------------------------------------------------------------------------

void presence::enter(const member& who) {
  if (who.from.empty())
    return;
  const std::string_view user_id = who.who ? std::string_view{who.who->user_id} : "";
  list_.enter(who.connection, {who.user, user_id, who.from}, who.asked);
  tell_in_time();
}

void presence::identify(const troupe::identify& news) {
  list_.identify(news.connection, {news.who->username, news.who->user_id, {}}, news.since);
  if (list_.follows(news.connection) && !host_.may_see_presence(news.who.get())) {
    stop_following(news.connection);
    host_.refuse_request(news.connection,
                         host_.server().live().access.refusal(action::presence, host_.name()), {});
  }
  tell_in_time();
}

void presence::leave(connection_id who, bool lingers) {
  const auto linger = lingers ? host_.presence_settings().linger : 0ms;
  if (list_.leave(who, host_.now(), linger))
    followers_.remove(server_routes::child_number(who));
  tell_in_time();
}

bool presence::show_state(connection_id who, std::string state) {
  const bool here = list_.set_state(who, std::move(state));
  tell_in_time();
  return here;
}

// -- who is told -------------------------------------------------------------------------------------

void presence::follow(connection_id who, bool does) {
  if (!does)
    return stop_following(who);
  if (list_.follow(who, true)) {
    if (followers_.total() == 0)
      count_told_ = list_.count();
    followers_.add(server_routes::child_number(who));
  }
  if (count_told_ != list_.count()) // this one is told another than the others
    count_told_ = SIZE_MAX;
  caf::anon_send(host_.server().routes.child_of(who),
                 troupe::follow{host_.id(), who, page({}, {})});
}

void presence::stop_following(connection_id who) {
  if (!list_.follow(who, false))
    return;
  followers_.remove(server_routes::child_number(who));
  caf::anon_send(host_.server().routes.child_of(who), troupe::follow{host_.id(), who});
}

event_ptr presence::page(const presence_question& asked, const request_id& id) {
  auto out = about<events::presence>();
  out.count = list_.count();
  out.id = id;
  if (host_.presence_settings().mode == presence_mode::list) {
    auto page = list_.page_behind(asked.after, asked.limit, frame_bytes_max);
    out.users = std::move(page.users);
    out.next = std::move(page.next);
  }
  return share(std::move(out));
}

// -- when --------------------------------------------------------------------------------------------

void presence::tell_in_time() {
  if (!list_.has_news() && !list_.next_expiry()) // as long as nobody follows
    return;
  const auto now = host_.now();
  if (list_.has_news() && (!told_at_ || now >= *told_at_ + pause))
    tell(now);
  if (list_.has_news())
    wake_at(told_at_.value_or(now) + pause, now);
  if (const auto until = list_.next_expiry())
    wake_at(*until, now);
}

// There may be nothing to say; then the next change is told at once.
void presence::tell(time_point now) {
  const auto mode = host_.presence_settings().mode;
  auto news = list_.take_news(mode == presence_mode::list ? frame_bytes_max : SIZE_MAX);
  const auto before = std::exchange(count_told_, list_.count());
  const bool counted = before != count_told_;
  if (mode == presence_mode::off || !(mode == presence_mode::list ? !news.empty() : counted))
    return;
  told_at_ = now;
  auto out = about<events::presence_diff>();
  out.count = list_.count();
  if (mode == presence_mode::list) {
    out.joins = std::move(news.joins);
    out.leaves = std::move(news.leaves);
    out.updates = std::move(news.updates);
  }
  host_.server().metrics.presence_diffs.add();
  const auto what = encode(std::move(out));
  followers_.for_each([&](std::uint32_t child) {
    caf::anon_send(host_.server().routes.child(child), presence_news{host_.id(), what});
  });
}

// One timer is awaited at a time: the next of those there could be.
void presence::wake_at(time_point when, time_point now) {
  if (wakes_at_ && *wakes_at_ <= when)
    return;
  wakes_at_ = when;
  host_.tick_after(std::max<time_point::duration>(when - now, 1ms), ++last_timer_);
}

void presence::on_timer(std::uint64_t timer) {
  if (timer != last_timer_)
    return;
  wakes_at_.reset();
  list_.expire(host_.now());
  tell_in_time();
}

} // namespace troupe
