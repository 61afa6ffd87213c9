// What the three commands have in common: one client, what is said of its connection, signals, and
// the exit code.
#pragma once

#include "clients/cli/commands.hpp"
#include "clients/cli/terminal.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <troupe_client/client.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace troupe_cli {

class session {
public:
  session(std::string name, const connection_options& to);

  boost::asio::io_context& loop() { return loop_; }
  troupe_client::client& server() { return *client_; }
  terminal& out() { return terminal_; }
  const terminal& out() const { return terminal_; }
  const std::string& own_id() const { return own_id_; }

  /// Called when the client is connected again after it was not.
  void on_back(std::function<void()> then) { back_ = std::move(then); }
  /// Frames that are about nothing that is listened to.
  void on_frame(std::function<void(const troupe_client::frame_ptr&)> then) {
    frame_ = std::move(then);
  }
  /// Called when it is over, whatever for.
  void on_end(std::function<void()> then) { at_end_ = std::move(then); }

  void after(std::chrono::milliseconds delay, std::function<void()> then);

  /// Says goodbye, and lets `run` return.
  void end(int exit_code);
  /// What has gone wrong, and what can be done about it; then ends.
  void fail(const std::string& what);
  void fail(const std::string& what, const troupe_client::failure& why);

  int run();

private:
  void told(const troupe_client::state& now);

  boost::asio::io_context loop_{1};
  terminal terminal_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_;
  std::string url_;
  std::optional<troupe_client::client> client_{};
  std::function<void()> back_{}, at_end_{};
  std::function<void(const troupe_client::frame_ptr&)> frame_{};
  std::string own_id_{};
  bool was_open_ = false;
  bool was_lost_ = false;
  bool has_token_ = false;
  bool ended_ = false;
  int exit_code_ = 0;
};

} // namespace troupe_cli
