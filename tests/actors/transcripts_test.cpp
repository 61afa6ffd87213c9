// Plays tests/transcripts on the actors, in virtual time. The format is in
// tests/transcripts/README.md.
#include "server/net/http.hpp"
#include "server/text/url.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <filesystem>
#include <fstream>
#include <map>

namespace troupe::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

struct line {
  std::size_t number = 0;
  std::string who;
  std::string verb;
  std::string rest;
};

std::vector<line> read_transcript(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<line> out;
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    if (text.empty() || text.front() == '#')
      continue;
    const auto first = text.find(' ');
    const auto second = std::min(text.find(' ', first + 1), text.size());
    out.push_back({number, text.substr(0, first), text.substr(first + 1, second - first - 1),
                   second < text.size() ? text.substr(second + 1) : ""});
  }
  return out;
}

// Whether `seen` is what `expected` describes; "*" stands for anything.
bool matches(const json& expected, const json& seen) {
  if (expected == "*")
    return true;
  if (expected.type() != seen.type() && !(expected.is_number() && seen.is_number()))
    return false;
  if (!expected.is_structured())
    return expected == seen;
  if (expected.size() != seen.size())
    return false;
  for (auto it = expected.begin(); it != expected.end(); ++it) {
    if (expected.is_array()) {
      if (!matches(*it, seen[static_cast<std::size_t>(it - expected.begin())]))
        return false;
    } else if (!seen.contains(it.key()) || !matches(*it, seen[it.key()])) {
      return false;
    }
  }
  return true;
}

// `/chat/{id}` and `/room/{type}/{id}`, as the HTTP server reads them.
connection::opening opening_of(const std::string& target) {
  const auto [path, query] = split_target(target);
  connection::opening out{query_parameter(query, "user").value(), {}};
  out.follows = query_parameter(query, "presence").value() == "1";
  if (path.starts_with("/chat/"))
    out.room = path.substr(6);
  else if (path.starts_with("/room/"))
    out.room = path.substr(6);
  return out;
}

class player {
public:
  explicit player(std::uint64_t seed, bool rooms_on_loops)
    : stage_({.seed = seed, .loops = 2, .rooms_on_loops = rooms_on_loops}) {}

  void play(const line& what) {
    auto& who = cast_[what.who];
    if (what.verb == "connects")
      who.connected = stage_.connect(opening_of(what.rest));
    else if (what.verb == ">")
      who.connected->say(what.rest);
    else if (what.verb == "<")
      expect(who, what);
    else if (what.verb == "closes")
      who.connected->close();
    else if (what.verb == "vanishes")
      who.connected->vanish();
    else
      FAIL() << "line " << what.number << ": unknown verb " << what.verb;
    stage_.run();
  }

  void expect_silence() {
    for (auto& [name, who] : cast_) {
      collect(who);
      EXPECT_TRUE(who.unread.empty()) << name << " also got " << who.unread.front();
    }
  }

private:
  struct actor {
    client connected;
    std::deque<std::string> unread;
  };

  static void collect(actor& who) {
    for (auto& frame : who.connected->read())
      who.unread.push_back(std::move(frame));
  }

  void expect(actor& who, const line& what) {
    collect(who);
    for (auto waited = 0ms; who.unread.empty() && waited < 10s; waited += 20ms) {
      stage_.pass(20ms);
      collect(who);
    }
    ASSERT_FALSE(who.unread.empty()) << "line " << what.number << ": nothing came";
    const std::string seen = std::move(who.unread.front());
    who.unread.pop_front();
    const bool closes = what.rest.starts_with("close ");
    const bool same = closes || seen.front() == '<'
                        ? seen == "<" + what.rest + ">"
                        : matches(json::parse(what.rest), json::parse(seen));
    EXPECT_TRUE(same) << "line " << what.number << "\n  expected " << what.rest << "\n  got      "
                      << seen;
  }

  stage stage_;
  std::map<std::string, actor> cast_;
};

class transcripts : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(transcripts, play_on_the_actors_in_any_order_of_delivery) {
  const auto lines = read_transcript(GetParam());
  ASSERT_FALSE(lines.empty());
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    player on_stage(seed, seed % 2 == 1);
    for (const auto& each : lines) {
      on_stage.play(each);
      if (HasFailure())
        FAIL() << GetParam().filename() << ", seed " << seed;
    }
    on_stage.expect_silence();
  }
}

std::vector<std::filesystem::path> all_transcripts() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry :
       std::filesystem::directory_iterator(TROUPE_SOURCE_DIR "/tests/transcripts"))
    if (entry.path().extension() == ".txt")
      out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

INSTANTIATE_TEST_SUITE_P(all, transcripts, testing::ValuesIn(all_transcripts()),
                         [](const auto& each) { return each.param.stem().string(); });

} // namespace
} // namespace troupe::test
