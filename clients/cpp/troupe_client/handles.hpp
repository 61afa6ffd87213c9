// A room or a topic, by its name. A handle is cheap and may be copied; all of one name mean the
// same. Every operation takes an Asio completion token and completes with a `result`.
#pragma once

#include "troupe_client/content.hpp"
#include "troupe_client/detail/start.hpp"
#include "troupe_client/hearing.hpp"
#include "troupe_client/options.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace troupe_client {

/// Which page of a history; what is left out is the server's choice.
struct history_page {
  unsigned limit = 0;
  std::optional<std::uint64_t> before{};
  std::optional<std::uint64_t> after{};
};

/// Which page of a presence list: `after` is the `next` of the page before.
struct presence_page {
  unsigned limit = 0;
  std::string after{};
};

class handle {
public:
  const std::string& name() const { return name_; }
  const std::weak_ptr<detail::core>& core() const { return core_; }

  /// Enters the room or subscribes, unless somebody listens already. With `presence`, `presence`
  /// and `presence_diff` frames are heard too.
  hearing listen(listener calls, bool presence = false) const;

  /// `void(result<void>)`: to the others, if there is a connection at this moment.
  template <class Token>
  auto signal(content data, Token&& token) const {
    return detail::start<void>(core_, detail::asking::signal,
                               frame_of("signal", "data", std::move(data)),
                               std::forward<Token>(token));
  }

  /// `void(result<json>)`: the `history` frame.
  template <class Token>
  auto history(const history_page& page, Token&& token) const {
    return detail::start<json>(core_, detail::asking::once, frame_of(page),
                               std::forward<Token>(token));
  }

  /// `void(result<frame_ptr>)`: the same as it came.
  template <class Token>
  auto history_frame(const history_page& page, Token&& token) const {
    return detail::start<frame_ptr>(core_, detail::asking::once, frame_of(page),
                                    std::forward<Token>(token));
  }

  /// `void(result<json>)`: the `presence` frame.
  template <class Token>
  auto presence(const presence_page& page, Token&& token) const {
    return detail::start<json>(core_, detail::asking::once, frame_of(page),
                               std::forward<Token>(token));
  }

  /// `void(result<void>)`: what others see of this user; `null` takes it back.
  template <class Token>
  auto set_presence(content state, Token&& token) const {
    return detail::start<void>(core_, detail::asking::once,
                               frame_of("set_presence", "state", std::move(state)),
                               std::forward<Token>(token));
  }

protected:
  handle(std::weak_ptr<detail::core> core, bool room, std::string name)
    : core_(std::move(core)),
      room_(room),
      name_(std::move(name)) {}

  detail::outgoing frame_of(const char* type, const char* member, content what) const;
  detail::outgoing frame_of(const history_page& page) const;
  detail::outgoing frame_of(const presence_page& page) const;
  detail::outgoing frame_of(const char* type, const char* member, content what,
                            const send_options& with) const;

  std::weak_ptr<detail::core> core_;

private:
  bool room_;
  std::string name_;
};

class room_handle : public handle {
public:
  room_handle(std::weak_ptr<detail::core> core, std::string name)
    : handle(std::move(core), true, std::move(name)) {}

  /// `void(result<position>)`: the place of the message. Sent again after a lost connection, but
  /// said once.
  template <class Token>
  auto say(content message, const send_options& with, Token&& token) const {
    return detail::start<position>(core_, detail::asking::repeat,
                                   frame_of("message", "message", std::move(message), with),
                                   std::forward<Token>(token));
  }
  template <class Token>
  auto say(content message, Token&& token) const {
    return say(std::move(message), send_options{}, std::forward<Token>(token));
  }
};

/// Of a topic, or to listen by a pattern.
class topic_handle : public handle {
public:
  topic_handle(std::weak_ptr<detail::core> core, std::string name)
    : handle(std::move(core), false, std::move(name)) {}

  /// `void(result<position>)`, like `say`.
  template <class Token>
  auto publish(content data, const send_options& with, Token&& token) const {
    return detail::start<position>(core_, detail::asking::repeat,
                                   frame_of("publish", "data", std::move(data), with),
                                   std::forward<Token>(token));
  }
  template <class Token>
  auto publish(content data, Token&& token) const {
    return publish(std::move(data), send_options{}, std::forward<Token>(token));
  }
};

} // namespace troupe_client
