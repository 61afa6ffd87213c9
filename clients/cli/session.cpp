#include "clients/cli/session.hpp"

#include "clients/cli/advice.hpp"

#include <cmath>
#include <csignal>
#include <utility>

namespace troupe_cli {

namespace tc = troupe_client;

namespace {

std::string seconds_of(std::chrono::milliseconds delay) {
  const auto tenths = std::lround(static_cast<double>(delay.count()) / 100);
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

std::string with_code(const tc::state& now) {
  if (now.code == 0)
    return now.reason;
  return std::to_string(now.code) + (now.reason.empty() ? "" : ' ' + now.reason);
}

} // namespace

session::session(std::string name, const connection_options& to)
  : terminal_(std::move(name)),
    signals_(loop_, SIGINT, SIGTERM),
    timer_(loop_),
    url_(whole_url(to.url)),
    has_token_(!to.token.empty()) {
  std::signal(SIGPIPE, SIG_IGN);
  terminal_.on_broken([this] { end(1); });
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (!error)
      end(0);
  });
  tc::options with;
  with.token = to.token;
  with.user = to.user;
  with.user_agent = "troupe";
  client_.emplace(loop_.get_executor(), url_, std::move(with),
                  tc::events{.state = [this](const tc::state& now) { told(now); },
                             .frame =
                               [this](const tc::frame_ptr& what) {
                                 if (frame_)
                                   frame_(what);
                               },
                             .error = [this](const std::string& what) { terminal_.note(what); }});
}

void session::told(const tc::state& now) {
  if (ended_)
    return;
  switch (now.is) {
  case tc::phase::connecting:
    break;
  case tc::phase::open:
    own_id_ = now.connection_id;
    if (was_open_) {
      terminal_.note("connected again");
      if (back_)
        back_();
    }
    was_open_ = true;
    break;
  case tc::phase::waiting:
    // Who starts it wants to know; who has left it running wants it to go on.
    if (was_open_ && now.code != 4401) {
      terminal_.note("the connection is lost (" + with_code(now) + "), trying again in " +
                     seconds_of(now.delay));
      break;
    }
    [[fallthrough]];
  case tc::phase::closed:
    terminal_.note((was_open_ ? "the connection has ended: " : "no connection: ") + with_code(now));
    if (const auto advice = advice_about(now, url_, has_token_); !advice.empty())
      terminal_.note(advice);
    end(1);
    break;
  }
}

void session::after(std::chrono::milliseconds delay, std::function<void()> then) {
  timer_.expires_after(delay);
  timer_.async_wait([then = std::move(then)](boost::system::error_code error) {
    if (!error)
      then();
  });
}

void session::fail(const std::string& what) {
  terminal_.note(what);
  end(1);
}

void session::fail(const std::string& what, const tc::failure& why) {
  terminal_.note(what + ": " + why.name + ": " + why.message);
  if (const auto advice = advice_about(why, has_token_); !advice.empty())
    terminal_.note(advice);
  end(1);
}

void session::end(int exit_code) {
  if (std::exchange(ended_, true))
    return;
  exit_code_ = exit_code;
  boost::system::error_code ignored;
  signals_.cancel(ignored);
  timer_.cancel();
  if (at_end_)
    at_end_();
  client_->close([](const tc::result<void>&) {});
}

int session::run() {
  loop_.run();
  return exit_code_;
}

} // namespace troupe_cli
