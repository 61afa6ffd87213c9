// A client of a Troupe server: live in five lines, and it stays so. It connects again whenever it
// has to, comes back to its rooms and topics with what was missed, and sends again what got no
// answer.
//
//   troupe_client::client chat(io.get_executor(), "ws://127.0.0.1:8081");
//   auto lobby = chat.room("lobby");
//   auto heard = lobby.listen({.heard = [](const auto& frame) { std::cout << frame->text << '\n';
//   }}); lobby.say("Hello!", boost::asio::detached); io.run();
//
// All of it runs on one strand of the executor: no threads, no locks. Everything here may be called
// from any thread but `now` and `timers`.
#pragma once

#include "troupe_client/events.hpp"
#include "troupe_client/handles.hpp"
#include "troupe_client/options.hpp"
#include "troupe_client/state.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace troupe_client {

namespace detail {
void begin_close(const std::weak_ptr<core>& on, handler<void> then);
} // namespace detail

class client {
public:
  /// Connects at once. `url` is `ws://HOST[:PORT][/PATH]` or `wss://`; the path is `/ws` unless it
  /// says otherwise.
  client(const boost::asio::any_io_executor& on, const std::string& url, options with = {},
         events tell = {});
  client(client&&) noexcept = default;
  client& operator=(client&&) noexcept;
  ~client();

  room_handle room(std::string name) const { return {core_, std::move(name)}; }
  /// A topic, or with `*` and `>` a pattern.
  topic_handle topic(std::string name) const { return {core_, std::move(name)}; }

  /// `void(result<json>)`: what the service's method returns.
  template <class Token>
  auto rpc(const std::string& service, const std::string& method, json params,
           Token&& token) const {
    json content{{"type", "rpc"}, {"service", service}, {"method", method}};
    if (!params.is_null())
      content["params"] = std::move(params);
    return detail::start<json>(core_, detail::asking::once, detail::outgoing{std::move(content)},
                               std::forward<Token>(token));
  }

  /// `void(result<void>)`: for good. What has no answer ends with `closed`, and nothing is left
  /// after that.
  template <class Token>
  auto close(Token&& token) const {
    return boost::asio::async_initiate<Token, void(result<void>)>(
      [](auto then, const std::weak_ptr<detail::core>& on) {
        detail::begin_close(on, detail::handler<void>(std::move(then)));
      },
      token, std::weak_ptr<detail::core>(core_));
  }

  /// On the executor only.
  const state& now() const;
  /// How many timers are set. On the executor only.
  std::size_t timers() const;

private:
  std::shared_ptr<detail::core> core_;
};

} // namespace troupe_client
