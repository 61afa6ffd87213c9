#include "troupe_client/detail/start.hpp"

#include "troupe_client/detail/core.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/system_executor.hpp>

namespace troupe_client::detail {

namespace {

request_kind kind_of(asking how) {
  switch (how) {
  case asking::once:
    return request_kind::ask;
  case asking::repeat:
    return request_kind::repeat;
  case asking::signal:
    return request_kind::signal;
  }
  return request_kind::ask;
}

result<position> converted(const frame_ptr& answer, position*) {
  return position{std::string(answer->text_of("epoch")), answer->offset()};
}

result<json> converted(const frame_ptr& answer, json*) {
  return answer->type() == "rpc_result" ? answer->content.value("result", json()) : answer->content;
}

result<frame_ptr> converted(const frame_ptr& answer, frame_ptr*) {
  return answer;
}

result<void> converted(const frame_ptr&, void*) {
  return {};
}

template <class T>
void begin_as(const std::weak_ptr<core>& on, asking how, outgoing what, handler<T> then) {
  const auto self = on.lock();
  const auto slot = boost::asio::get_associated_cancellation_slot(then);
  const completion<T> done(std::move(then),
                           self ? self->executor()
                                : boost::asio::any_io_executor(boost::asio::system_executor()));
  if (!self)
    return done(failure(errc::closed, "the client has ended"));
  const auto by = std::make_shared<ticket>();
  if (auto cancelled = slot; cancelled.is_connected())
    cancelled.assign([on, by](boost::asio::cancellation_type) {
      if (const auto still = on.lock())
        still->post([by](core& of) { of.abort(by); });
    });
  const bool except_me = what.head.value("except_me", false);
  self->post(
    [what = request{std::move(what), kind_of(how), except_me}, by, done](core& of) mutable {
      of.ask(std::move(what), by, [done](result<frame_ptr> answer) {
        if (answer)
          done(converted(*answer, static_cast<T*>(nullptr)));
        else
          done(std::move(answer).error());
      });
    });
}

} // namespace

void begin(const std::weak_ptr<core>& on, asking how, outgoing what, handler<position> then) {
  begin_as(on, how, std::move(what), std::move(then));
}
void begin(const std::weak_ptr<core>& on, asking how, outgoing what, handler<json> then) {
  begin_as(on, how, std::move(what), std::move(then));
}
void begin(const std::weak_ptr<core>& on, asking how, outgoing what, handler<frame_ptr> then) {
  begin_as(on, how, std::move(what), std::move(then));
}
void begin(const std::weak_ptr<core>& on, asking how, outgoing what, handler<void> then) {
  begin_as(on, how, std::move(what), std::move(then));
}

} // namespace troupe_client::detail
