// A room or topic as a sequence to be taken from with `co_await`, at one's own pace. It keeps a
// bounded number of frames: who is slower than that misses the oldest, and is told so by a gap in
// their place.
#pragma once

#include "troupe_client/handles.hpp"

#include <boost/asio/async_result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace troupe_client {

struct feed_item {
  enum class kind { frame, gap, position };
  kind is = kind::frame;
  frame_ptr frame{};         ///< of a gap of this feed's own: none
  standing at{};             ///< of a `position`
  std::uint64_t dropped = 0; ///< of a gap of this feed's own
};

namespace detail {
class feed_queue;
std::shared_ptr<feed_queue> make_feed_queue(const handle& of, bool presence,
                                            std::size_t frames_max);
void begin_next(const std::shared_ptr<feed_queue>& from, handler<feed_item> then);
void end_feed(const std::shared_ptr<feed_queue>& from);
} // namespace detail

class [[nodiscard]] feed {
public:
  /// Listens at once, until it is destroyed.
  explicit feed(const handle& of, bool presence = false, std::size_t frames_max = 1'000)
    : queue_(detail::make_feed_queue(of, presence, frames_max)) {}
  feed(feed&& from) noexcept : queue_(std::move(from.queue_)) {}
  feed& operator=(feed&&) = delete;
  ~feed() { detail::end_feed(queue_); }

  /// `void(result<feed_item>)`: the next, or why there are no more. One call at a time.
  template <class Token>
  auto next(Token&& token) const {
    return boost::asio::async_initiate<Token, void(result<feed_item>)>(
      [](auto then, const std::shared_ptr<detail::feed_queue>& from) {
        detail::begin_next(from, detail::handler<feed_item>(std::move(then)));
      },
      token, queue_);
  }

private:
  std::shared_ptr<detail::feed_queue> queue_;
};

} // namespace troupe_client
