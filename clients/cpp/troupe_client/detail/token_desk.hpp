// The client's token: the fixed one, or what the provider gave last. It asks the provider once at a
// time; a call that outlives its connection serves the next one.
#pragma once

#include "troupe_client/token_source.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe_client::detail {

class token_desk : public std::enable_shared_from_this<token_desk> {
public:
  /// Of a reply: `token`, or `error` where there is none.
  using taker = std::function<void(const token_reply&)>;

  token_desk(token_source from, boost::asio::any_io_executor on)
    : source_(std::move(from)),
      on_(std::move(on)) {}

  bool has_provider() const { return static_cast<bool>(source_.provider); }

  /// Called when the provider says that it is all over.
  void on_stop(std::function<void(std::string why)> then) { stop_ = std::move(then); }

  /// A token to connect with: what there is, or a new one.
  void want(taker to);
  /// A new one, whatever there is.
  void renew(std::string_view reason, taker to);
  /// What there is shall not be used again; the reason is told to the provider.
  void spoil(std::string_view reason);
  /// Nobody waits any more; the answer to a call in hand is kept.
  void forget() { to_ = nullptr; }
  void close();

private:
  void ask();
  void arrived(token_reply reply);

  token_source source_;
  boost::asio::any_io_executor on_;
  std::function<void(std::string)> stop_;
  taker to_;
  std::string current_;
  std::string reason_ = "connect";
  bool in_hand_ = false;
};

} // namespace troupe_client::detail
