// Whether the loops have room for limits.connections_max and bursts are within their rates, and who
// is blamed when not.
#include "server/config/capacity.hpp"
#include "server/config/config_keys.hpp"
#include "server/config/load_config.hpp"
#include "server/settings/thread_counts.hpp"
#include "troupe/wire/ids.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

config with(std::uint32_t loops, std::uint64_t connections) {
  config out;
  out.server.loops = loops;
  out.limits.connections_max = static_cast<std::uint32_t>(connections);
  return out;
}

std::string errors_of(const config& settings, const config_sources& sources = {}) {
  std::string out;
  for (const auto& error : capacity_errors(settings, load_config(sources).origins))
    out += to_string(error) + '\n';
  return out;
}

constexpr std::uint64_t each = connection_id::slots_max;
const std::string message = "limits.connections_max: expected at most " + std::to_string(each) +
                            " on 1 loop (server.loops), got " + std::to_string(each + 1) + "\n";

} // namespace

TEST(config_capacity, as_many_as_the_loops_have_places_for) {
  EXPECT_EQ(errors_of(with(1, each)), "");
  EXPECT_EQ(errors_of(with(3, 3 * each)), "");
  EXPECT_NE(errors_of(with(3, 3 * each + 1)).find(" on 3 loops "), std::string::npos);
  const auto chosen = counts_for({}).loops;
  EXPECT_EQ(errors_of(with(0, chosen * each)), "");
}

TEST(config_capacity, one_more_is_refused_where_it_was_said) {
  const named_value variable{"TROUPE_LIMITS_CONNECTIONS_MAX", "5"};
  const named_value flag{"--limits-connections-max", "5"};
  const auto settings = with(1, each + 1);
  EXPECT_EQ(errors_of(settings), message);
  EXPECT_EQ(errors_of(settings, {.file = {}, .environment = {variable}, .flags = {}}),
            "TROUPE_LIMITS_CONNECTIONS_MAX: " + message);
  EXPECT_EQ(errors_of(settings, {.file = {}, .environment = {variable}, .flags = {flag}}),
            "--limits-connections-max: " + message);
  const auto in_file =
    load_config_text("[server]\nloops = 1\n[limits]\n connections_max = 5\n", "f").origins;
  EXPECT_EQ(to_string(capacity_errors(settings, in_file).at(0)) + '\n', "f:4:20: " + message);
}

TEST(config_bursts, no_rate_has_a_burst_above_a_minutes_worth) {
  // Whatever is called a burst has a rate beside it.
  for (const auto& key : config_keys()) {
    const auto at = key.key.find("_burst");
    if (at == std::string_view::npos)
      continue;
    const auto name = std::string(key.key.substr(0, at));
    const auto with = [&](const std::string& a_minute, const std::string& at_once) {
      const auto read = load_config_text("[limits]\n" + name + "_per_minute = " + a_minute + '\n' +
                                           name + "_burst = " + at_once,
                                         "f");
      return read.errors.empty() ? "" : to_string(read.errors.front());
    };
    EXPECT_EQ(with("60", "60"), "");
    EXPECT_EQ(with("60", "0"), "");
    EXPECT_EQ(with("0", "1000"), "");
    EXPECT_EQ(with("60", "61"), "f:3:" + std::to_string(name.size() + 10) + ": limits." + name +
                                  "_burst: expected at most 60, a minute's worth (limits." + name +
                                  "_per_minute), got 61");
  }
}
