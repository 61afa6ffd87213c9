#include "troupe_client/feed.hpp"

#include "troupe_client/detail/core.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/system_executor.hpp>

#include <deque>
#include <optional>

namespace troupe_client::detail {

class feed_queue : public std::enable_shared_from_this<feed_queue> {
public:
  feed_queue(const handle& of, std::size_t frames_max)
    : core_(of.core()),
      frames_max_(frames_max) {}

  void listen(const handle& of, bool presence) {
    const auto into = [weak = weak_from_this()](feed_item::kind kind) {
      return [weak, kind](const frame_ptr& what) {
        if (const auto self = weak.lock())
          self->push({.is = kind, .frame = what});
      };
    };
    hearing_ = of.listen({.heard = into(feed_item::kind::frame),
                          .gap = into(feed_item::kind::gap),
                          .position =
                            [weak = weak_from_this()](const standing& at) {
                              if (const auto self = weak.lock())
                                self->push({.is = feed_item::kind::position, .at = at});
                            },
                          .ended =
                            [weak = weak_from_this()](const failure& why) {
                              if (const auto self = weak.lock())
                                self->end(why);
                            }},
                         presence);
    hearing_.confirmed([weak = weak_from_this()](const result<position>& at) {
      if (const auto self = weak.lock(); self && !at)
        self->end(at.error());
    });
  }

  void next(handler<feed_item> then) {
    const auto core = core_.lock();
    const auto slot = boost::asio::get_associated_cancellation_slot(then);
    const completion<feed_item> done(
      std::move(then),
      core ? core->executor() : boost::asio::any_io_executor(boost::asio::system_executor()));
    if (!core)
      return done(failure(errc::closed, "the client has ended"));
    if (auto cancelled = slot; cancelled.is_connected())
      cancelled.assign([weak = weak_from_this(), on = core_](boost::asio::cancellation_type) {
        if (const auto of = on.lock())
          of->post([weak](detail::core&) {
            if (const auto self = weak.lock())
              self->answer(failure(errc::aborted, "taken back"));
          });
      });
    core->post([self = shared_from_this(), done](detail::core&) { self->wait(done); });
  }

  void leave() {
    hearing_.leave();
    if (const auto core = core_.lock())
      core->post([self = shared_from_this()](detail::core&) {
        self->end(failure(errc::aborted, "the feed has ended"));
      });
  }

private:
  void wait(const completion<feed_item>& done) {
    if (dropped_ > 0)
      return done(feed_item{.is = feed_item::kind::gap, .dropped = std::exchange(dropped_, 0)});
    if (!items_.empty()) {
      auto first = std::move(items_.front());
      items_.pop_front();
      return done(std::move(first));
    }
    if (ended_)
      return done(*ended_);
    answer(failure(errc::aborted, "another call has taken its place"));
    waiting_ = done;
  }

  void answer(result<feed_item> with) {
    if (const auto done = std::exchange(waiting_, std::nullopt))
      (*done)(std::move(with));
  }

  void push(feed_item what) {
    if (waiting_)
      return answer(std::move(what));
    if (items_.size() == frames_max_) {
      items_.pop_front();
      ++dropped_;
    }
    items_.push_back(std::move(what));
  }

  void end(const failure& why) {
    if (!ended_)
      ended_ = why;
    answer(why);
  }

  std::weak_ptr<core> core_;
  std::size_t frames_max_;
  hearing hearing_{};
  std::deque<feed_item> items_{};
  std::uint64_t dropped_ = 0;
  std::optional<completion<feed_item>> waiting_{};
  std::optional<failure> ended_{};
};

std::shared_ptr<feed_queue> make_feed_queue(const handle& of, bool presence,
                                            std::size_t frames_max) {
  auto out = std::make_shared<feed_queue>(of, frames_max);
  out->listen(of, presence);
  return out;
}

void begin_next(const std::shared_ptr<feed_queue>& from, handler<feed_item> then) {
  from->next(std::move(then));
}

void end_feed(const std::shared_ptr<feed_queue>& from) {
  if (from)
    from->leave();
}

} // namespace troupe_client::detail
