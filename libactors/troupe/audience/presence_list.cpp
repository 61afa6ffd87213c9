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

} // namespace

std::string presence_list::key_of(const person& as) {
  std::string out(1, as.user_id.empty() ? of_connection : of_user);
  return out += as.user_id.empty() ? as.from : as.user_id;
}

std::size_t presence_list::bytes_of(const events::present_user& entry) {
  return entry_bytes + entry.user.size() + entry.user_id.size() + entry.state.size();
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
