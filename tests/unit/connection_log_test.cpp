// Which connections the log has, at which level, and what the lines say.
#include "server/log/log.hpp"
#include "server/net/connection_log.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

namespace troupe {
namespace {

constexpr auto first = connection_id::make(0, 1, 1);
constexpr auto second = connection_id::make(0, 2, 1);

class connection_log_test : public testing::Test {
protected:
  const server_settings server_;
  bool becomes_ann_ = false; // Ben does

  void SetUp() override { ASSERT_EQ(pipe2(ends_, O_CLOEXEC), 0); }
  void TearDown() override { ::close(ends_[0]); }

  // What is logged of two connections: Ann's with a token, from `from`, and an anonymous one.
  std::string lines(log_level level, const std::string& traced, const char* from = "192.0.2.7") {
    start_logging({level, log_format::text}, ends_[1]);
    connection_log log(server_, traced);
    if (log.wanted()) {
      log.coming_from(*client_address::parse(from));
      log.opened(first, &ann_, "Ann");
      log.coming_from(*client_address::parse("2001:db8::1"));
      log.opened(second, nullptr, "Ben");
      if (becomes_ann_)
        log.identified(second, ann_, *client_address::parse("2001:db8::1"));
      log.closed(first, &ann_, close_code::slow_consumer, "Consumer too slow");
      log.closed(second, becomes_ann_ ? &ann_ : nullptr, {}, "lost");
    }
    stop_logging();
    ::close(ends_[1]);
    std::string all;
    char some[4096];
    for (ssize_t n = 0; (n = ::read(ends_[0], some, sizeof some)) > 0;)
      all.append(some, static_cast<std::size_t>(n));
    std::string out; // without the times
    for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1)
      out += all.substr(at + 25, all.find('\n', at) + 1 - at - 25);
    return out;
  }

  std::string id(connection_id of) const { return " connection=" + server_.public_id(of); }

  const std::string ann_opened_ =
    "connection opened" + id(first) + " user=u1 name=Ann address=192.0.2.7\n";
  const std::string ann_closed_ =
    "connection closed" + id(first) +
    " user=u1 address=192.0.2.7 code=4409 why=\"Consumer too slow\"\n";
  const std::string ben_opened_ =
    "connection opened" + id(second) + " name=Ben address=2001:db8::1\n";
  const std::string ben_closed_ =
    "connection closed" + id(second) + " address=2001:db8::1 why=lost\n";

private:
  identity ann_{"u1", "Ann", {}, {}, "", {}};
  int ends_[2] = {-1, -1};
};

const std::string info = "info    ", debug = "debug   ";

TEST_F(connection_log_test, all_of_them_at_debug) {
  EXPECT_EQ(lines(log_level::debug, ""),
            debug + ann_opened_ + debug + ben_opened_ + debug + ann_closed_ + debug + ben_closed_);
}

TEST_F(connection_log_test, none_at_info_unless_somebody_is_traced) {
  EXPECT_EQ(lines(log_level::info, ""), "");
}

TEST_F(connection_log_test, a_traced_user_at_info) {
  EXPECT_EQ(lines(log_level::info, "u1"), info + ann_opened_ + info + ann_closed_);
}

TEST_F(connection_log_test, a_traced_address_or_network_at_info) {
  EXPECT_EQ(lines(log_level::info, "2001:db8::1"), info + ben_opened_ + info + ben_closed_);
}

TEST_F(connection_log_test, a_traced_network_at_info) {
  EXPECT_EQ(lines(log_level::info, "192.0.2.0/24"), info + ann_opened_ + info + ann_closed_);
}

TEST_F(connection_log_test, one_that_becomes_a_traced_users_has_a_line_with_its_address) {
  becomes_ann_ = true;
  const auto identified =
    "connection identified" + id(second) + " user=u1 name=Ann address=2001:db8::1\n";
  const auto closed = "connection closed" + id(second) + " user=u1 address=2001:db8::1 why=lost\n";
  EXPECT_EQ(lines(log_level::info, "u1"),
            info + ann_opened_ + info + identified + info + ann_closed_ + info + closed);
}

TEST_F(connection_log_test, one_that_becomes_a_users_is_told_of_like_all_of_it) {
  becomes_ann_ = true;
  EXPECT_EQ(lines(log_level::info, "192.0.2.7"), info + ann_opened_ + info + ann_closed_);
}

TEST_F(connection_log_test, a_name_that_proves_nothing_is_not_traced) {
  EXPECT_EQ(lines(log_level::info, "Ben"), "");
}

} // namespace
} // namespace troupe
