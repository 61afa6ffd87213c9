#include "clients/cli/line_reader.hpp"
#include "clients/cli/session.hpp"

#include <algorithm>
#include <random>

namespace troupe_cli {

namespace tc = troupe_client;

namespace {

// One line after the other: the next is read when the server has the one before, so the order is
// kept whatever happens in between.
class publisher {
public:
  explicit publisher(const pub_command& wanted)
    : session_("troupe pub", wanted.to),
      wanted_(wanted),
      input_(session_.loop()) {
    session_.on_end([this] {
      ended_ = true;
      input_.stop();
    });
    next();
  }

  int run() { return session_.run(); }

private:
  void next() {
    input_.next([this](std::optional<std::string> line) {
      if (ended_)
        return;
      if (!line)
        return session_.end(0);
      if (line->empty())
        return next();
      ++lines_;
      publish(*line);
    });
  }

  static tc::content content_of(const std::string& line) {
    if (tc::is_json(line))
      return tc::raw_json{line};
    return line;
  }

  void publish(const std::string& line) {
    // The same for each try, so that a line which did arrive is not said again.
    const auto msg_id = msg_ids_ + std::to_string(lines_);
    session_.server()
      .topic(wanted_.topic)
      .publish(content_of(line), {.event = wanted_.event, .msg_id = msg_id},
               [this, line](const tc::result<tc::position>& at) {
                 if (ended_)
                   return;
                 if (at)
                   return published(*at);
                 if (!may_try_again(at.error()))
                   return session_.fail("not published", at.error());
                 session_.after(delay_of(at.error()), [this, line] { publish(line); });
               });
  }

  // While it can't be said now, it can be said later: but a server that is there, and gives no
  // answer, is not asked for ever.
  bool may_try_again(const tc::failure& why) {
    constexpr unsigned timeouts_max = 3;
    if (why.code == tc::errc::rate_limited)
      return true;
    if (why.code != tc::errc::timeout)
      return false;
    if (session_.server().now().is != tc::phase::open)
      return true; // it has been told that it waits for the server
    if (++timeouts_ == timeouts_max)
      return false;
    session_.out().note(why.message + ", trying again");
    return true;
  }

  static std::chrono::milliseconds delay_of(const tc::failure& why) {
    using std::chrono::milliseconds;
    constexpr milliseconds least{10}, unknown{1'000};
    return why.retry_after.count() > 0 ? std::max(why.retry_after, least) : unknown;
  }

  void published(const tc::position& at) {
    timeouts_ = 0;
    if (wanted_.to.json) {
      const tc::json line{{"topic", wanted_.topic}, {"epoch", at.epoch}, {"offset", at.offset}};
      if (!session_.out().line(line.dump()))
        return; // nobody reads any more
    }
    next();
  }

  session session_;
  const pub_command& wanted_;
  line_reader input_;
  std::string msg_ids_ =
    "pub-" + std::to_string(std::random_device{}()) + std::to_string(std::random_device{}()) + '-';
  std::uint64_t lines_ = 0;
  unsigned timeouts_ = 0; // in a row, of one line
  bool ended_ = false;
};

} // namespace

int run_pub(const pub_command& wanted) {
  return publisher(wanted).run();
}

} // namespace troupe_cli
