#include "troupe_client/hearing.hpp"

#include "troupe_client/detail/core.hpp"

#include <boost/asio/system_executor.hpp>

namespace troupe_client::detail {

void begin_confirmed(const std::weak_ptr<core>& on, const std::shared_ptr<hearer>& by,
                     handler<position> then) {
  const auto self = on.lock();
  const completion<position> done(
    std::move(then),
    self ? self->executor() : boost::asio::any_io_executor(boost::asio::system_executor()));
  if (!self || !by)
    return done(failure(errc::closed, "it is not listened to"));
  self->post([by, done](core&) {
    const auto here = by->of.lock();
    if (by->ended)
      return done(*by->ended);
    if (!by->alive || !here)
      return done(failure(errc::aborted, "left"));
    if (here->is == audience::stage::in)
      return done(here->at.at());
    by->waiting.push_back([done](result<position> at) { done(std::move(at)); });
  });
}

void begin_leave(const std::weak_ptr<core>& on, std::shared_ptr<hearer> by) {
  if (const auto self = on.lock())
    self->post([by = std::move(by)](core& of) { of.leave(by); });
}

} // namespace troupe_client::detail
