// Who is in a room or on a topic, as others see it, and what there is to tell those who follow it.
// Pure; belongs to its room or topic.
//
// A user with a token is one entry, however many connections it has there; a connection without a
// token is one. Followers have seen the list, or a page of it, and are told by `news` what has
// changed since: a join or an update brings the whole entry, so one that is told twice does no
// harm. Without followers nothing is remembered of what has changed.
//
// A user who has gone stays for a while (*lingers*) and keeps his entry, with what he showed: if he
// is back by then, nobody hears of it, but that he shows that no more. A connection without a token
// does not linger. It never comes back: whoever connects anew is somebody else.
//
// About 200 bytes an entry, and the state that its user shows. Nothing here takes longer than the
// logarithm of how many there are, but for what it hands out.
#pragma once

#include "troupe/wire/ids.hpp"
#include "troupe/wire/server_events.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

class presence_list {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = time_point::duration;
  using entries = std::vector<events::present_user>;

  /// Whom others take a connection for.
  struct person {
    std::string_view user;    ///< what it is called
    std::string_view user_id; ///< by its token; or empty
    std::string_view from;    ///< public id of the connection
  };

  // -- who is here --

  /// A connection is here, or is called something else, or is a user now that it was not. The
  /// request was made with the ticket `asked`: see `identify`.
  void enter(connection_id who, const person& as, ticket asked);
  /// It has another token. What it asked for before the ticket `since` does not know of that.
  void identify(connection_id who, const person& as, ticket since);
  /// It is gone. If it was its user's last, he lingers. True: it followed.
  bool leave(connection_id who, time_point now, duration linger);
  /// What its user shows from now on, instead of what any of his connections has set before: JSON,
  /// or empty for nothing. It ends with this connection, or after it when its user has lingered.
  /// False: it is not here.
  bool set_state(connection_id who, std::string state);
  /// What the user of a connection shows, or empty. Valid until something changes.
  std::string_view state_of(connection_id who) const;

  /// How many entries there are, those who linger among them.
  std::size_t count() const { return count_; }

  struct page {
    entries users;
    std::string next; ///< `after` of the page behind it; empty: there is none
  };
  /// The first `most` entries behind `after`, fewer where they are long, but at least one.
  page page_behind(std::string_view after, std::size_t most, std::size_t bytes_max);

  // -- what there is to tell --

  /// Whether a connection that is here is told what changes. True if that is new.
  bool follow(connection_id who, bool does);
  bool follows(connection_id who) const;

  struct news {
    entries joins;
    entries leaves; ///< by whom they are, without connections and state
    entries updates;

    bool empty() const { return joins.empty() && leaves.empty() && updates.empty(); }
  };
  /// What has changed, the oldest change first, until it is as long as that. There may be nothing
  /// to say about it: somebody has come and gone.
  news take_news(std::size_t bytes_max);
  bool has_news() const { return !changes_.empty(); }

  /// Who has lingered long enough has left.
  void expire(time_point now);
  /// When there is something for `expire`.
  std::optional<time_point> next_expiry() const;

private:
  struct shown_state {
    std::string json;
    connection_id by; // with whom it ends
  };
  struct entry {
    std::string user;
    std::unique_ptr<shown_state> state{};
    std::uint64_t departure = 0; // while it lingers: which one
    std::uint32_t connections = 0;
    std::uint32_t told = 0; // as many connections followers know of; 0: they do not know it
    bool lingers = false;
    bool paged = false;   // not told, but somebody has seen a page with it
    bool changed = false; // name or state, since it was told
    bool queued = false;  // in `changes_`
  };
  using table = std::map<std::string, entry, std::less<>>;
  struct presence {
    table::iterator as;
    ticket since = 0;
    bool follows = false;
  };
  struct departure {
    time_point until;
    std::uint64_t number;
    std::string key;
  };

  static std::string key_of(const person& as);
  static bool is_listed(const entry& of);
  static std::size_t bytes_of(const events::present_user& entry);
  static events::present_user name_of(const table::value_type& of);
  events::present_user show(const table::value_type& of) const;

  table::iterator attach(const person& as);
  void detach(table::iterator from, connection_id who, time_point now, duration linger);
  void call(table::iterator which, std::string_view user);
  void drop_state(table::iterator of, connection_id by);
  void note(table::iterator changed);
  std::size_t tell_of_lingering(table::value_type& who, news& out);
  void forget_news();
  void forget_returns();
  table::iterator who_lingers(const departure& gone);

  table all_;
  std::unordered_map<connection_id, presence> connections_;
  std::deque<table::iterator> changes_; // each once
  std::deque<departure> departures_;    // of those who linger, or have come back since
  std::uint64_t last_departure_ = 0;
  std::size_t returned_ = 0; // who has come back, since `departures_` was last looked through
  std::size_t count_ = 0;
  std::size_t followers_ = 0;
};

} // namespace troupe
