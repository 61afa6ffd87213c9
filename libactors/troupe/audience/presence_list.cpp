#include "troupe/audience/presence_list.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

// What tells keys apart: connections come before users.
constexpr char of_connection = 'c';
constexpr char of_user = 'u';

// What an entry adds to a frame beside its texts.
constexpr std::size_t entry_bytes = 64;

std::size_t bytes_of(const events::present_user& entry) {
  return entry_bytes + entry.user.size() + entry.user_id.size() + entry.state.size();
}

} // namespace

std::string presence_list::key_of(const person& as) {
  std::string out(1, as.user_id.empty() ? of_connection : of_user);
  return out += as.user_id.empty() ? as.from : as.user_id;
}

// Whether others may know of it, or are to.
bool presence_list::is_listed(const entry& of) {
  return of.connections > 0 || of.told > 0 || of.paged;
}

// -- who is here -------------------------------------------------------------------------------------

void presence_list::enter(connection_id who, const person& as, ticket asked) {
  const auto known = connections_.find(who);
  if (known == connections_.end())
    connections_.emplace(who, presence{attach(as)});
  else if (asked >= known->second.since)
    identify(who, as, known->second.since);
}

// A user that it was is here no more, and does not linger: it has not gone away.
void presence_list::identify(connection_id who, const person& as, ticket since) {
  const auto known = connections_.find(who);
  if (known == connections_.end())
    return;
  auto& it = known->second;
  it.since = since;
  if (key_of(as) == it.as->first)
    return call(it.as, as.user);
  const auto before = std::exchange(it.as, attach(as));
  std::string state;
  if (before->second.state && before->second.state->by == who)
    state = before->second.state->json;
  detach(before, who, {}, {});
  if (!state.empty())
    set_state(who, std::move(state));
}

bool presence_list::leave(connection_id who, time_point now, duration linger) {
  const auto known = connections_.find(who);
  if (known == connections_.end())
    return false;
  const auto [as, since, followed] = known->second;
  connections_.erase(known);
  detach(as, who, now, linger);
  if (followed && --followers_ == 0)
    forget_news();
  return followed;
}

presence_list::table::iterator presence_list::attach(const person& as) {
  const auto [place, fresh] = all_.try_emplace(key_of(as));
  entry& it = place->second;
  count_ += is_listed(it) ? 0 : 1;
  if (it.connections++ == 0 && std::exchange(it.state, nullptr))
    it.changed = true;
  if (std::exchange(it.lingers, false)) {
    ++returned_;
    forget_returns();
  }
  call(place, as.user);
  if (it.changed || it.connections != it.told)
    note(place);
  return place;
}

void presence_list::detach(table::iterator from, connection_id who, time_point now,
                           duration linger) {
  entry& it = from->second;
  --it.connections;
  if (it.connections > 0 || followers_ == 0 || linger <= duration::zero() ||
      from->first.front() != of_user || !is_listed(it)) {
    drop_state(from, who);
    count_ -= is_listed(it) ? 0 : 1;
    return note(from);
  }
  it.lingers = true;
  it.departure = ++last_departure_;
  departures_.push_back({now + linger, it.departure, from->first});
}

void presence_list::call(table::iterator which, std::string_view user) {
  entry& it = which->second;
  if (it.user == user)
    return;
  it.user = user;
  it.changed = true;
  note(which);
}

bool presence_list::set_state(connection_id who, std::string state) {
  const auto known = connections_.find(who);
  if (known == connections_.end())
    return false;
  const auto as = known->second.as;
  entry& it = as->second;
  const bool same = it.state ? it.state->json == state : state.empty();
  it.state =
    state.empty() ? nullptr : std::make_unique<shown_state>(shown_state{std::move(state), who});
  if (!same) {
    it.changed = true;
    note(as);
  }
  return true;
}

std::string_view presence_list::state_of(connection_id who) const {
  const auto known = connections_.find(who);
  if (known == connections_.end() || !known->second.as->second.state)
    return {};
  return known->second.as->second.state->json;
}

void presence_list::drop_state(table::iterator of, connection_id by) {
  entry& it = of->second;
  if (!it.state || it.state->by != by)
    return;
  it.state.reset();
  it.changed = true;
}

// -- what there is to tell ---------------------------------------------------------------------------

// Where nobody follows, what is has been told.
void presence_list::note(table::iterator changed) {
  entry& it = changed->second;
  if (followers_ > 0) {
    if (!std::exchange(it.queued, true))
      changes_.push_back(changed);
    return;
  }
  if (it.connections == 0) {
    count_ -= is_listed(it) ? 1 : 0;
    all_.erase(changed);
    return;
  }
  it.changed = it.paged = false;
  it.told = it.connections;
}

bool presence_list::follow(connection_id who, bool does) {
  const auto known = connections_.find(who);
  if (known == connections_.end() || std::exchange(known->second.follows, does) == does)
    return false;
  if (does)
    ++followers_;
  else if (--followers_ == 0)
    forget_news();
  return true;
}

bool presence_list::follows(connection_id who) const {
  const auto known = connections_.find(who);
  return known != connections_.end() && known->second.follows;
}

// The last follower has gone: nobody lingers, and what is has been told.
void presence_list::forget_news() {
  returned_ = 0;
  for (const auto& gone : std::exchange(departures_, {})) {
    const auto place = all_.find(gone.key);
    if (place != all_.end() && std::exchange(place->second.lingers, false) &&
        !std::exchange(place->second.queued, true))
      changes_.push_back(place);
  }
  for (const auto each : std::exchange(changes_, {})) {
    each->second.queued = false;
    note(each);
  }
}

// What is kept of departures grows with who lingers, not with how often somebody comes and goes.
void presence_list::forget_returns() {
  constexpr std::size_t few = 64;
  if (returned_ <= few || returned_ * 2 <= departures_.size())
    return;
  std::erase_if(departures_, [this](const departure& gone) {
    const auto place = all_.find(gone.key);
    return place == all_.end() || !place->second.lingers || place->second.departure != gone.number;
  });
  returned_ = 0;
}

void presence_list::expire(time_point now) {
  for (; !departures_.empty() && departures_.front().until <= now; departures_.pop_front()) {
    const auto& gone = departures_.front();
    const auto place = all_.find(gone.key);
    if (place == all_.end() || !place->second.lingers || place->second.departure != gone.number)
      continue;
    place->second.lingers = false;
    note(place);
  }
}

std::optional<presence_list::time_point> presence_list::next_expiry() const {
  return departures_.empty() ? std::nullopt : std::optional(departures_.front().until);
}

presence_list::news presence_list::take_news(std::size_t bytes_max) {
  news out;
  for (std::size_t bytes = 0; !changes_.empty() && bytes < bytes_max;) {
    const auto place = changes_.front();
    changes_.pop_front();
    entry& it = place->second;
    it.queued = false;
    if (it.lingers) {
      bytes += tell_of_lingering(*place, out);
      continue;
    }
    const bool known = it.told > 0;
    const bool differs = it.changed || it.told != it.connections;
    const bool listed = is_listed(it);
    it.told = it.connections;
    it.changed = it.paged = false;
    if (it.connections > 0 && !differs)
      continue;
    const bool gone = it.connections == 0;
    auto& list = gone ? out.leaves : known ? out.updates : out.joins;
    if (listed) {
      list.push_back(gone ? name_of(*place) : show(*place));
      bytes += bytes_of(list.back());
    }
    if (gone) {
      count_ -= listed ? 1 : 0;
      all_.erase(place);
    }
  }
  return out;
}

// He is here for those who know him, as they see him on a page; and who has seen a page knows him.
std::size_t presence_list::tell_of_lingering(table::value_type& who, news& out) {
  entry& it = who.second;
  const bool known = it.told > 0;
  if (!(known ? it.changed : it.paged))
    return 0;
  it.told = std::max(it.told, 1u);
  it.changed = it.paged = false;
  auto& list = known ? out.updates : out.joins;
  list.push_back(show(who));
  return bytes_of(list.back());
}

// -- pages -------------------------------------------------------------------------------------------

events::present_user presence_list::name_of(const table::value_type& of) {
  const auto& [key, it] = of;
  events::present_user out{.user = it.user};
  (key.front() == of_user ? out.user_id : out.from) = key.substr(1);
  return out;
}

// Whoever is told a number of connections hears of every other one.
events::present_user presence_list::show(const table::value_type& of) const {
  const auto& it = of.second;
  auto out = name_of(of);
  out.connections = it.told > 0 ? it.told : std::max(it.connections, 1u);
  if (it.state)
    out.state = it.state->json;
  return out;
}

presence_list::page presence_list::page_behind(std::string_view after, std::size_t most,
                                               std::size_t bytes_max) {
  page out;
  std::size_t bytes = 0;
  std::string_view last;
  for (auto place = all_.upper_bound(after); place != all_.end(); ++place) {
    entry& it = place->second;
    if (!is_listed(it))
      continue;
    if (out.users.size() == most || bytes >= bytes_max) {
      out.next = last;
      return out;
    }
    it.paged = it.paged || (followers_ > 0 && it.told == 0);
    out.users.push_back(show(*place));
    bytes += bytes_of(out.users.back());
    last = place->first;
  }
  return out;
}

} // namespace troupe
