// From a completion token to a request: what every operation of a handle has in common.
#pragma once

#include "troupe_client/frame.hpp"
#include "troupe_client/result.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <memory>
#include <utility>

namespace troupe_client::detail {

class core;

template <class T>
using handler = boost::asio::any_completion_handler<void(result<T>)>;

/// A handler that can be kept in a `std::function`: it is called on its own executor, which has
/// work until then, and not from within what completes it. For one call.
template <class T>
class completion {
public:
  completion(handler<T> then, const boost::asio::any_io_executor& otherwise)
    : kept_(std::make_shared<kept>(std::move(then), otherwise)) {}

  void operator()(result<T> with) const {
    if (auto of = std::move(kept_->then))
      boost::asio::post(
        kept_->home, [to = kept_->work, of = std::move(of), with = std::move(with)]() mutable {
          boost::asio::dispatch(to, [of = std::move(of), with = std::move(with)]() mutable {
            std::move(of)(std::move(with));
          });
        });
  }

private:
  struct kept {
    handler<T> then;
    boost::asio::any_io_executor home;
    boost::asio::any_completion_executor work;
    kept(handler<T> of, const boost::asio::any_io_executor& otherwise)
      : then(std::move(of)),
        home(otherwise) {
      work = boost::asio::prefer(
        boost::asio::any_completion_executor(boost::asio::get_associated_executor(then, otherwise)),
        boost::asio::execution::outstanding_work.tracked);
    }
  };
  std::shared_ptr<kept> kept_;
};

/// What becomes of a request while there is no connection.
enum class asking {
  once,   ///< it waits; sent once, it is not sent again
  repeat, ///< it waits, and is sent again with the same `msg_id`
  signal, ///< it does not wait, and gets no answer
};

/// A frame without its `id`. What the user says stands apart: it goes out as it was written.
struct outgoing {
  json head;
  std::string member{}; ///< `message` or `data`; or empty
  std::string text{};   ///< JSON
};

/// Of an answer, the position; or what it brings; or the frame as it came; or nothing.
void begin(const std::weak_ptr<core>& on, asking how, outgoing what, handler<position> then);
void begin(const std::weak_ptr<core>& on, asking how, outgoing what, handler<json> then);
void begin(const std::weak_ptr<core>& on, asking how, outgoing what, handler<frame_ptr> then);
void begin(const std::weak_ptr<core>& on, asking how, outgoing what, handler<void> then);

template <class T, class Token>
auto start(std::weak_ptr<core> on, asking how, outgoing what, Token&& token) {
  return boost::asio::async_initiate<Token, void(result<T>)>(
    [](auto then, std::weak_ptr<core> to, asking as, outgoing frame) {
      begin(to, as, std::move(frame), handler<T>(std::move(then)));
    },
    token, std::move(on), how, std::move(what));
}

} // namespace troupe_client::detail
