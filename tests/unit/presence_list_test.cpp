// The list of who is there, against a plain one: who follows and applies what it is told has what
// there is.
#include "troupe/audience/presence_list.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <tuple>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using time_point = presence_list::time_point;

constexpr auto linger = 5s;
constexpr std::size_t any_length = 1'000'000;

connection_id id(std::uint32_t number) {
  return connection_id::make(0, number, 1);
}

std::string from(std::uint32_t number) {
  return "conn" + std::to_string(number);
}

void comes(presence_list& list, std::uint32_t number, std::string_view user,
           std::string_view user_id = {}, ticket asked = 1) {
  list.enter(id(number), {user, user_id, from(number)}, asked);
}

// `ann*2{"a":1}`: what is called so, on so many connections, showing that.
std::string text(const presence_list::entries& all) {
  std::string out;
  for (const auto& each : all) {
    out += out.empty() ? "" : " ";
    out += each.user;
    if (each.connections != 1)
      out += "*" + std::to_string(each.connections);
    out += each.state;
  }
  return out;
}

std::string news(presence_list& list, std::size_t bytes_max = any_length) {
  const auto told = list.take_news(bytes_max);
  std::string out;
  for (const auto& [sign, all] :
       {std::pair{"+", &told.joins}, {"-", &told.leaves}, {"~", &told.updates}})
    if (!all->empty())
      out += (out.empty() ? "" : " ") + std::string(sign) + "[" + text(*all) + "]";
  return out;
}

std::string all_of(presence_list& list) {
  return text(list.page_behind({}, 1000, any_length).users);
}

// A list that a connection of its own follows.
struct followed : presence_list {
  followed() {
    comes(*this, 999, "watcher", "w");
    follow(id(999), true);
  }
};

TEST(presence_list, has_one_entry_a_user_and_one_a_connection_without) {
  presence_list list;
  comes(list, 1, "Ann", "u1");
  comes(list, 2, "Ann", "u1");
  comes(list, 3, "Guest");
  comes(list, 4, "Guest");
  EXPECT_EQ(list.count(), 3u);
  const auto all = list.page_behind({}, 10, any_length).users;
  EXPECT_EQ(text(all), "Guest Guest Ann*2");
  EXPECT_EQ(all[0].from, "conn3");
  EXPECT_EQ(all[2].user_id, "u1");
  EXPECT_EQ(all[2].from, "");
  list.leave(id(1), {}, linger);
  EXPECT_EQ(all_of(list), "Guest Guest Ann");
  list.leave(id(2), {}, linger);
  EXPECT_EQ(list.count(), 2u) << "nobody follows, so nobody lingers";
  EXPECT_FALSE(list.has_news());
}

TEST(presence_list, tells_followers_what_has_changed) {
  followed list;
  comes(list, 1, "Ann", "u1");
  comes(list, 2, "Guest");
  EXPECT_EQ(news(list), "+[Ann Guest]");
  comes(list, 3, "Ann", "u1");
  EXPECT_TRUE(list.set_state(id(2), "{}"));
  EXPECT_EQ(news(list), "~[Ann*2 Guest{}]");
  list.leave(id(2), {}, linger);
  EXPECT_EQ(news(list), "-[Guest*0]");
  EXPECT_EQ(news(list), "");
}

TEST(presence_list, says_nothing_of_who_has_come_and_gone) {
  followed list;
  comes(list, 1, "Guest");
  comes(list, 2, "Ann", "u1");
  list.leave(id(1), {}, linger);
  list.leave(id(2), {}, linger);
  EXPECT_EQ(list.count(), 1u);
  EXPECT_TRUE(list.has_news());
  EXPECT_EQ(news(list), "");
  list.expire(time_point{} + linger);
  EXPECT_EQ(news(list), "");
}

TEST(presence_list, tells_that_one_has_left_who_was_on_a_page_only) {
  followed list;
  comes(list, 1, "Guest");
  EXPECT_EQ(all_of(list), "Guest watcher");
  list.leave(id(1), {}, linger);
  EXPECT_EQ(list.count(), 2u);
  EXPECT_EQ(news(list), "-[Guest*0]");
  EXPECT_EQ(list.count(), 1u);
}

TEST(presence_list, a_user_who_is_back_in_time_has_not_left) {
  followed list;
  comes(list, 1, "Ann", "u1");
  news(list);
  list.leave(id(1), time_point{}, linger);
  EXPECT_EQ(list.count(), 2u);
  EXPECT_EQ(all_of(list), "Ann watcher") << "who follows from now on hears no join of hers";
  list.expire(time_point{} + linger - 1ms);
  comes(list, 2, "Ann", "u1");
  list.expire(time_point{} + 2 * linger);
  EXPECT_EQ(news(list), "");
  list.leave(id(2), time_point{} + 2 * linger, linger);
  ASSERT_EQ(list.next_expiry(), time_point{} + 3 * linger);
  list.expire(time_point{} + 3 * linger);
  EXPECT_EQ(news(list), "-[Ann*0]");
  EXPECT_EQ(list.next_expiry(), std::nullopt);
}

TEST(presence_list, a_state_is_the_last_one_set_and_ends_with_its_connection) {
  followed list;
  comes(list, 1, "Ann", "u1");
  comes(list, 2, "Ann", "u1");
  list.set_state(id(1), R"({"a":1})");
  list.set_state(id(2), R"({"a":2})");
  EXPECT_EQ(all_of(list), R"(Ann*2{"a":2} watcher)");
  news(list);
  list.leave(id(1), {}, linger);
  EXPECT_EQ(news(list), R"(~[Ann{"a":2}])");
  comes(list, 3, "Ann", "u1");
  list.leave(id(2), {}, linger);
  EXPECT_EQ(news(list), "~[Ann]");
  EXPECT_FALSE(list.set_state(id(2), "{}")) << "it is gone";
  list.set_state(id(3), R"({"a":3})");
  EXPECT_EQ(news(list), R"(~[Ann{"a":3}])");
  list.set_state(id(3), R"({"a":3})");
  EXPECT_EQ(news(list), "");
  list.set_state(id(3), "");
  EXPECT_EQ(news(list), "~[Ann]");
}

TEST(presence_list, a_state_stays_while_its_user_lingers_and_does_not_come_back_with_him) {
  followed list;
  comes(list, 1, "Ann", "u1");
  list.set_state(id(1), "{}");
  EXPECT_EQ(news(list), "+[Ann{}]");
  list.leave(id(1), {}, linger);
  EXPECT_EQ(news(list), "");
  EXPECT_EQ(all_of(list), "Ann{} watcher");
  comes(list, 2, "Ann", "u1");
  EXPECT_EQ(news(list), "~[Ann]");
  EXPECT_EQ(all_of(list), "Ann watcher");
}

TEST(presence_list, who_lingers_and_was_on_a_page_only_is_told_to_the_others) {
  followed list;
  comes(list, 1, "Ann", "u1");
  EXPECT_EQ(all_of(list), "Ann watcher");
  list.leave(id(1), {}, linger);
  EXPECT_EQ(news(list), "+[Ann]") << "the count has her";
  EXPECT_EQ(list.count(), 2u);
  list.expire(time_point{} + linger);
  EXPECT_EQ(news(list), "-[Ann*0]");
}

TEST(presence_list, a_connection_becomes_a_users_and_takes_its_state_along) {
  followed list;
  comes(list, 1, "Guest", {}, 1);
  list.set_state(id(1), "{}");
  news(list);
  list.identify(id(1), {"Ann", "u1", from(1)}, 5);
  EXPECT_EQ(news(list), "+[Ann{}] -[Guest*0]");
  comes(list, 1, "Guest", {}, 4);
  EXPECT_EQ(news(list), "") << "it asked for that before it was a user's";
  comes(list, 1, "Ann Smith", "u1", 6);
  EXPECT_EQ(news(list), "~[Ann Smith{}]");
}

TEST(presence_list, hands_out_pages_in_order_and_no_more_than_fits) {
  presence_list list;
  for (std::uint32_t i = 0; i < 25; ++i)
    comes(list, i, "user", "u" + std::to_string(100 + i));
  std::string after;
  std::vector<std::string> seen;
  do {
    const auto page = list.page_behind(after, 10, any_length);
    EXPECT_LE(page.users.size(), 10u);
    for (const auto& each : page.users)
      seen.push_back(each.user_id);
    after = page.next;
  } while (!after.empty());
  ASSERT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(list.page_behind({}, 10, 1).users.size(), 1u) << "one at least";
  EXPECT_EQ(list.page_behind("x", 10, any_length).users.size(), 0u);
}

TEST(presence_list, tells_much_in_parts) {
  followed list;
  for (std::uint32_t i = 0; i < 25; ++i)
    comes(list, i, "user");
  int parts = 0;
  for (; list.has_news(); ++parts)
    EXPECT_LE(list.take_news(500).joins.size(), 8u);
  EXPECT_GE(parts, 4);
}

// -- against a plain list ----------------------------------------------------------------------------

struct shown {
  std::string user;
  std::uint64_t connections = 0;
  std::string state;

  bool operator==(const shown&) const = default;
};
using view = std::map<std::string, shown>;

std::string key_of(const events::present_user& each) {
  return each.user_id.empty() ? "c" + each.from : "u" + each.user_id;
}

void PrintTo(const shown& what, std::ostream* out) {
  *out << what.user << '*' << what.connections << what.state;
}

class modelled {
public:
  explicit modelled(std::uint64_t seed) : rng_(seed) {}

  void step() {
    now_ += std::chrono::milliseconds(rng_() % 1500);
    list_.expire(now_);
    const auto who = static_cast<std::uint32_t>(rng_() % connection_count);
    switch (rng_() % 10) {
    case 0:
    case 1:
    case 2:
      enter(who);
      break;
    case 3:
    case 4:
      leave(who);
      break;
    case 5:
      identify(who);
      break;
    case 6:
      set_state(who);
      break;
    case 7:
      follow(who);
      break;
    default:
      tell();
    }
    check_pages();
  }

  // Nobody lingers any more, and all is told.
  void settle() {
    now_ += 2 * linger;
    list_.expire(now_);
    while (list_.has_news())
      tell();
    const auto expected = plain();
    ASSERT_EQ(list_.count(), expected.size());
    for (const auto& [who, seen] : followers_)
      ASSERT_EQ(seen, expected);
    ASSERT_EQ(whole(), expected);
  }

private:
  static constexpr std::uint32_t connection_count = 8;
  static constexpr std::uint32_t user_count = 3;

  struct one {
    std::string key;
    std::string state; // set by it, and by nobody after it
  };

  std::string user_id(std::uint64_t number) { return "user" + std::to_string(number % user_count); }

  void enter(std::uint32_t who) {
    if (here_.contains(who))
      return;
    const std::string user = rng_() % 3 == 0 ? "" : user_id(rng_());
    const std::string name = "n" + std::to_string(rng_() % 2);
    comes(list_, who, name, user);
    come(who, user.empty() ? "c" + from(who) : "u" + user, name);
  }

  void come(std::uint32_t who, const std::string& key, const std::string& name) {
    here_[who] = {key, {}};
    names_[key] = name;
    gone_since_.erase(key);
  }

  void leave(std::uint32_t who) {
    EXPECT_EQ(list_.leave(id(who), now_, linger), followers_.erase(who) > 0);
    go(who, now_);
  }

  void go(std::uint32_t who, time_point since) {
    const auto found = here_.find(who);
    if (found == here_.end())
      return;
    const auto key = found->second.key;
    here_.erase(found);
    if (std::none_of(here_.begin(), here_.end(),
                     [&](const auto& each) { return each.second.key == key; }))
      gone_since_[key] = since;
  }

  void identify(std::uint32_t who) {
    const auto found = here_.find(who);
    if (found == here_.end() || found->second.key.front() == 'u')
      return;
    const auto user = user_id(rng_());
    const auto state = found->second.state;
    list_.identify(id(who), {"identified", user, from(who)}, 1);
    go(who, now_ - linger);
    come(who, "u" + user, "identified");
    if (!state.empty())
      show(who, state);
  }

  void set_state(std::uint32_t who) {
    const auto state = rng_() % 3 == 0 ? "" : "{\"s\":" + std::to_string(rng_() % 3) + "}";
    EXPECT_EQ(list_.set_state(id(who), state), here_.contains(who));
    if (here_.contains(who))
      show(who, state);
  }

  void show(std::uint32_t who, const std::string& state) {
    for (auto& [other, is] : here_)
      if (is.key == here_[who].key)
        is.state.clear();
    here_[who].state = state;
  }

  void follow(std::uint32_t who) {
    if (!here_.contains(who))
      return;
    const bool does = !followers_.contains(who);
    EXPECT_TRUE(list_.follow(id(who), does));
    EXPECT_FALSE(list_.follow(id(who), does));
    if (does)
      followers_[who] = whole();
    else
      followers_.erase(who);
  }

  // All that there is to see, page by page.
  view whole() {
    view out;
    std::string after;
    do {
      const auto page = list_.page_behind(after, 1 + rng_() % 3, any_length);
      for (const auto& each : page.users)
        EXPECT_TRUE(
          out.emplace(key_of(each), shown{each.user, each.connections, each.state}).second);
      after = page.next;
    } while (!after.empty());
    return out;
  }

  void tell() {
    const auto told = list_.take_news(rng_() % 2 ? 100 : any_length);
    for (const auto& each : told.leaves) {
      const auto key = key_of(each);
      ASSERT_TRUE(gone_since_.contains(key)) << key << " is here";
      ASSERT_TRUE(key.front() == 'c' || gone_since_[key] + linger <= now_) << key << " lingers";
    }
    for (auto& [who, seen] : followers_) {
      for (const auto* list : {&told.joins, &told.updates})
        for (const auto& each : *list)
          seen[key_of(each)] = {each.user, each.connections, each.state};
      for (const auto& each : told.leaves)
        seen.erase(key_of(each));
      for (const auto& each : told.joins)
        ASSERT_TRUE(here(key_of(each)) || lingers(key_of(each)));
    }
    if (list_.has_news())
      return;
    const auto there_is = whole();
    for (const auto& [who, seen] : followers_)
      ASSERT_EQ(seen, there_is);
  }

  bool lingers(const std::string& key) const {
    const auto gone = gone_since_.find(key);
    return key.front() == 'u' && gone != gone_since_.end() && gone->second + linger > now_;
  }

  bool here(const std::string& key) const {
    return std::any_of(here_.begin(), here_.end(),
                       [&](const auto& each) { return each.second.key == key; });
  }

  view plain() const {
    view out;
    for (const auto& [who, is] : here_) {
      auto& entry = out[is.key];
      entry.user = names_.at(is.key);
      ++entry.connections;
      if (!is.state.empty())
        entry.state = is.state;
    }
    return out;
  }

  // Who is here is on a page, and who else is there lingers, or is about to be told of.
  void check_pages() {
    const auto seen = whole();
    ASSERT_EQ(seen.size(), list_.count());
    for (const auto& [key, entry] : plain())
      ASSERT_TRUE(seen.contains(key)) << key;
    if (followers_.empty()) {
      ASSERT_EQ(seen, plain());
    }
  }

  std::mt19937_64 rng_;
  presence_list list_;
  time_point now_{};
  std::map<std::uint32_t, one> here_;
  std::map<std::string, std::string> names_;
  std::map<std::string, time_point> gone_since_;
  std::map<std::uint32_t, view> followers_; // what each has been told
};

TEST(presence_list, who_applies_what_it_is_told_has_what_there_is) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    modelled all(seed);
    for (int step = 0; step < 150 && !testing::Test::HasFailure(); ++step) {
      all.step();
      if (step % 50 == 49)
        all.settle();
    }
    if (testing::Test::HasFailure())
      return;
  }
}

} // namespace
} // namespace troupe
