// That somebody listens to a room or topic: as long as one of these is alive, the client is in it.
#pragma once

#include "troupe_client/detail/start.hpp"
#include "troupe_client/frame.hpp"

#include <memory>
#include <utility>

namespace troupe_client {

namespace detail {
struct hearer;
void begin_confirmed(const std::weak_ptr<core>& on, const std::shared_ptr<hearer>& by,
                     handler<position> then);
void begin_leave(const std::weak_ptr<core>& on, std::shared_ptr<hearer> by);
} // namespace detail

class [[nodiscard]] hearing {
public:
  hearing() = default;
  hearing(std::weak_ptr<detail::core> on, std::shared_ptr<detail::hearer> by)
    : core_(std::move(on)),
      by_(std::move(by)) {}
  hearing(hearing&& from) noexcept : core_(std::move(from.core_)), by_(std::move(from.by_)) {}
  hearing& operator=(hearing&& from) noexcept {
    leave();
    core_ = std::move(from.core_);
    by_ = std::move(from.by_);
    return *this;
  }
  ~hearing() { leave(); }

  /// `void(result<position>)`: when the server knows, or why it has refused. Of a pattern the
  /// position is empty.
  template <class Token>
  auto confirmed(Token&& token) const {
    return boost::asio::async_initiate<Token, void(result<position>)>(
      [](auto then, std::weak_ptr<detail::core> on, const std::shared_ptr<detail::hearer>& by) {
        detail::begin_confirmed(on, by, detail::handler<position>(std::move(then)));
      },
      token, core_, by_);
  }

  /// Nothing is called any more once this has run on the client's executor. The last one to leave a
  /// room or topic leaves it for the server a little later.
  void leave() {
    if (by_)
      detail::begin_leave(core_, std::exchange(by_, nullptr));
  }

private:
  std::weak_ptr<detail::core> core_{};
  std::shared_ptr<detail::hearer> by_{};
};

} // namespace troupe_client
