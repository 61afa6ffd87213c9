// The log: what lines look like whatever they hold, which are written, and that nobody waits.
#include "server/log/audit.hpp"
#include "server/log/log.hpp"
#include "server/log/log_lines.hpp"
#include "server/log/printable.hpp"
#include "server/log/repeated_lines.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

using namespace troupe;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

// 2024-05-01T12:00:00.007Z
const auto noon = std::chrono::system_clock::time_point{1714564800007ms};

std::string every_byte() {
  std::string bytes;
  for (int c = 0; c < 256; ++c)
    bytes += static_cast<char>(c);
  return bytes;
}

class log_test : public testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(pipe2(ends_, O_CLOEXEC), 0); }
  void TearDown() override {
    stop_logging();
    for (const int end : ends_)
      if (end >= 0)
        ::close(end);
  }

  void start(log_level level, log_format format) { start_logging({level, format}, ends_[1]); }
  void close_reader() {
    ::close(ends_[0]);
    ends_[0] = -1;
  }

  // Ends the log, and gives what it wrote.
  std::string finish() {
    end();
    return read_all();
  }

  void end() {
    stop_logging();
    ::close(ends_[1]);
    ends_[1] = -1;
  }

  std::string read_all() const {
    std::string all;
    char some[4096];
    for (ssize_t n = 0; (n = ::read(ends_[0], some, sizeof some)) > 0;)
      all.append(some, static_cast<std::size_t>(n));
    return all;
  }

private:
  int ends_[2] = {-1, -1};
};

std::string line(log_format format, std::string_view message, log_fields fields = {}) {
  return log_line_of(format, noon, log_level::info, log_body(format, message, fields));
}

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

} // namespace

TEST(log_line, text) {
  EXPECT_EQ(line(log_format::text, "listening",
                 {{"host", "::1"}, {"port", std::uint16_t{8081}}, {"tls", false}, {"load", 0.5}}),
            "2024-05-01T12:00:00.007Z info    listening host=::1 port=8081 tls=false load=0.5\n");
  EXPECT_EQ(
    line(log_format::text, "a \"b\" \\ é\n\x1b[2J\xff\xc2\x9b", {{"k", "x=\"1\"\n"}, {"e", ""}}),
    "2024-05-01T12:00:00.007Z info    a \"b\" \\ é\\n\\x1b[2J\\xff\\u009b "
    "k=\"x=\\\"1\\\"\\n\" e=\"\"\n");
}

TEST(log_line, json) {
  EXPECT_EQ(line(log_format::json, "listening", {{"port", 8081}, {"tls", true}, {"s", "a\"b"}}),
            "{\"time\":\"2024-05-01T12:00:00.007Z\",\"level\":\"info\",\"message\":\"listening\","
            "\"port\":8081,\"tls\":true,\"s\":\"a\\\"b\"}\n");
  const auto parsed = json::parse(line(
    log_format::json, "m", {{"least", INT64_MIN}, {"most", UINT64_MAX}, {"no", std::nan("")}}));
  EXPECT_EQ(parsed["least"], INT64_MIN);
  EXPECT_EQ(parsed["most"], UINT64_MAX);
  EXPECT_TRUE(parsed["no"].is_null());
}

TEST(log_line, any_byte_stays_on_one_line_and_makes_valid_json) {
  const auto bytes = every_byte();
  for (const auto format : {log_format::text, log_format::json}) {
    const auto whole = line(format, bytes, {{bytes, bytes}});
    EXPECT_TRUE(is_printable(whole.substr(0, whole.size() - 1)));
    EXPECT_EQ(whole.back(), '\n');
  }
  const auto parsed = json::parse(line(log_format::json, bytes, {{"k", bytes}}));
  EXPECT_TRUE(parsed["message"].get<std::string>().starts_with(bytes.substr(0, 0x80)));
  EXPECT_EQ(parsed["message"], parsed["k"]);
  EXPECT_EQ(json::parse(line(log_format::json, "\u2028😀\u202e"))["message"], "\u2028😀\u202e");
}

TEST(log_line, a_long_text_is_cut_between_characters) {
  std::string text(log_text_bytes_max - 1, 'a');
  text += "😀😀";
  const auto parsed = json::parse(line(log_format::json, text));
  EXPECT_EQ(parsed["message"], std::string(log_text_bytes_max - 1, 'a') + "…(+8 bytes)");
}

TEST_F(log_test, levels_below_the_configured_one_are_left_out) {
  EXPECT_FALSE(logs(log_level::error));
  log_error("before the start");
  start(log_level::warning, log_format::json);
  EXPECT_FALSE(logs(log_level::info));
  EXPECT_TRUE(logs(log_level::warning));
  EXPECT_FALSE(logs(log_level::off));
  log_info("no");
  log_warning("yes", {{"n", 1}});
  log_error("yes", {{"n", 2}});
  const auto written = finish();
  log_error("after the end");
  ASSERT_EQ(count_lines(written), 2u) << written;
  EXPECT_EQ(json::parse(written.substr(0, written.find('\n')))["level"], "warning");
}

TEST_F(log_test, off_writes_nothing) {
  start(log_level::off, log_format::text);
  log_error("no");
  EXPECT_EQ(finish(), "");
}

TEST_F(log_test, lines_of_spdlog_come_out_the_same_way) {
  start(log_level::info, log_format::json);
  spdlog::warn("from a \"library\"\n{}", 7);
  spdlog::debug("too fine");
  const auto parsed = json::parse(finish());
  EXPECT_EQ(parsed["message"], "from a \"library\"\n7");
  EXPECT_EQ(parsed["level"], "warning");
}

TEST_F(log_test, threads_do_not_mix_their_lines) {
  start(log_level::info, log_format::json);
  std::string written;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < 100; ++i)
          log_info("line", {{"thread", t}, {"i", i}});
      });
  }
  written = finish();
  ASSERT_EQ(count_lines(written), 400u);
  std::vector<int> next(4, 0);
  for (std::size_t begin = 0; begin < written.size();) {
    const auto end = written.find('\n', begin);
    const auto parsed = json::parse(written.substr(begin, end - begin));
    EXPECT_EQ(parsed["i"], next[parsed["thread"].get<std::size_t>()]++);
    begin = end + 1;
  }
}

TEST_F(log_test, nobody_waits_for_a_reader_that_does_not_read_and_losses_are_counted) {
  start(log_level::info, log_format::text);
  const auto begin = std::chrono::steady_clock::now();
  constexpr std::uint64_t lines = 20'000;
  for (std::uint64_t i = 0; i < lines; ++i)
    log_info("a line that nobody reads", {{"i", i}});
  // The pipe takes 64 KiB and the queue 4096 lines: the rest is lost, and the end is not held up.
  EXPECT_GT(log_lines_lost(), lines / 2);
  EXPECT_LT(log_lines_lost(), lines);
  stop_logging();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  EXPECT_GT(log_lines_lost(), lines / 2);
}

TEST_F(log_test, a_reader_that_is_gone_does_not_end_the_process) {
  start(log_level::info, log_format::text);
  close_reader();
  log_info("into the void");
  stop_logging(); // it tells of a loss that it already knows of: then that line is lost as well
  EXPECT_GE(log_lines_lost(), 1u);
  EXPECT_LE(log_lines_lost(), 2u);
}

TEST_F(log_test, an_audit_line_says_for_how_long_why_and_what_became_of_it) {
  start(log_level::info, log_format::text);
  log_audit({.what = "mute",
             .who = "ann",
             .whom = "ben in r",
             .seconds = 0,
             .reason = "said \"no\"",
             .connections = 0});
  log_audit({.what = "close_room", .who = "ann", .whom = "r", .failed = errc::not_found});
  const auto written = finish();
  for (const char* line : {"mute audit=true who=ann whom=\"ben in r\" seconds=0 "
                           "reason=\"said \\\"no\\\"\" connections=0\n",
                           "close_room audit=true who=ann whom=r failed=not_found\n"})
    EXPECT_NE(written.find(line), std::string::npos) << written;
}

TEST_F(log_test, audit_lines_are_marked) {
  start(log_level::info, log_format::json);
  log_refused("refused authentication", {{"reason", "expired"}, {"user", ""}, {"address", "::1"}});
  log_audit({.what = "kick", .who = "ann", .whom = "ben"});
  log_audit({.what = "drain", .who = "api key 1"});
  const auto written = finish();
  std::vector<json> lines;
  for (std::size_t begin = 0; begin < written.size();) {
    const auto end = written.find('\n', begin);
    lines.push_back(json::parse(written.substr(begin, end - begin)));
    begin = end + 1;
  }
  ASSERT_EQ(lines.size(), 3u) << written;
  for (const auto& one : lines) {
    EXPECT_EQ(one["level"], "info");
    EXPECT_EQ(one["audit"], true);
  }
  EXPECT_EQ(lines[0]["message"], "refused authentication");
  EXPECT_EQ(lines[0]["reason"], "expired");
  EXPECT_EQ(lines[0]["address"], "::1");
  EXPECT_FALSE(lines[0].contains("user")) << "what is empty is left out";
  EXPECT_EQ(lines[1]["message"], "kick");
  EXPECT_EQ(lines[1]["who"], "ann");
  EXPECT_EQ(lines[1]["whom"], "ben");
  EXPECT_FALSE(lines[2].contains("whom"));
}

TEST_F(log_test, no_audit_line_is_lost_however_much_else_is_logged) {
  start(log_level::info, log_format::text);
  const auto flood = [] {
    for (int i = 0; i < 10'000; ++i)
      log_info("a line that nobody reads yet", {{"i", i}});
  };
  flood();
  log_audit({.what = "kick", .who = "ann", .whom = "ben"});
  flood();
  log_audit({.what = "kick", .who = "ann", .whom = "cleo"});
  EXPECT_GT(log_lines_lost(), 0u);
  std::string written;
  {
    const std::jthread reader([&] { written = read_all(); });
    end();
  }
  EXPECT_NE(written.find("kick audit=true who=ann whom=ben"), std::string::npos);
  EXPECT_NE(written.find("kick audit=true who=ann whom=cleo"), std::string::npos);
}

TEST_F(log_test, whoever_is_refused_again_and_again_takes_a_few_lines_and_a_sum) {
  start(log_level::info, log_format::text);
  for (int i = 0; i < 10'000; ++i) {
    log_refused("refused authentication", {{"why", "no token"}, {"address", "192.0.2.1"}});
    log_repeated(log_level::warning, "no valid PROXY header", {{"address", "192.0.2.1"}});
  }
  log_refused("refused api call", {{"why", "no key"}});
  const auto written = finish();
  EXPECT_EQ(log_lines_lost(), 0u);
  EXPECT_EQ(count_lines(written), 2 * (repeated_lines::told_max + 1) + 1) << written;
  EXPECT_NE(written.find("info    refused authentication: 9990 more in the last 10 s audit=true\n"),
            std::string::npos)
    << written;
  EXPECT_NE(written.find("warning no valid PROXY header: 9990 more in the last 10 s\n"),
            std::string::npos)
    << written;
  EXPECT_NE(written.find("refused api call audit=true why=\"no key\"\n"), std::string::npos);
}

TEST_F(log_test, audit_lines_obey_the_level) {
  start(log_level::warning, log_format::text);
  log_audit({.what = "kick", .who = "ann", .whom = "ben"});
  log_refused("refused api call", {{"why", "no key"}});
  EXPECT_EQ(finish(), "");
}

TEST_F(log_test, it_starts_again) {
  start(log_level::info, log_format::text);
  log_info("one");
  start(log_level::info, log_format::json);
  log_info("two");
  const auto written = finish();
  EXPECT_NE(written.find("info    one\n"), std::string::npos) << written;
  EXPECT_NE(written.find("\"message\":\"two\""), std::string::npos) << written;
}
