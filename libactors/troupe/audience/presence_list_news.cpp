// What there is to tell those who follow: what has changed, and who has lingered long enough.
#include "troupe/audience/presence_list.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

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

// The end of the table where he has come back since.
presence_list::table::iterator presence_list::who_lingers(const departure& gone) {
  const auto place = all_.find(gone.key);
  const bool lingers = place != all_.end() && place->second.lingers;
  return lingers && place->second.departure == gone.number ? place : all_.end();
}

// What is kept of departures grows with who lingers, not with how often somebody comes and goes.
void presence_list::forget_returns() {
  constexpr std::size_t few = 64;
  if (returned_ <= few || returned_ * 2 <= departures_.size())
    return;
  std::erase_if(departures_,
                [this](const departure& gone) { return who_lingers(gone) == all_.end(); });
  returned_ = 0;
}

void presence_list::expire(time_point now) {
  for (; !departures_.empty() && departures_.front().until <= now; departures_.pop_front()) {
    const auto place = who_lingers(departures_.front());
    if (place == all_.end())
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

} // namespace troupe
