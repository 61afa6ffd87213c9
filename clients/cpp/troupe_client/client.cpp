#include "troupe_client/client.hpp"

#include "troupe_client/detail/core.hpp"

#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>

namespace troupe_client {

namespace {

void close_unasked(const std::shared_ptr<detail::core>& core) {
  if (core)
    core->post([](detail::core& of) { of.close([] {}); });
}

} // namespace

client::client(const boost::asio::any_io_executor& on, const std::string& url, options with,
               events tell)
  : core_(std::make_shared<detail::core>(boost::asio::make_strand(on), url, std::move(with),
                                         std::move(tell))) {
  core_->post([](detail::core& of) { of.start(); });
}

client& client::operator=(client&& from) noexcept {
  close_unasked(core_);
  core_ = std::move(from.core_);
  return *this;
}

client::~client() {
  close_unasked(core_);
}

const state& client::now() const {
  return core_->now();
}

std::size_t client::timers() const {
  return core_->timers();
}

void detail::begin_close(const std::weak_ptr<core>& on, handler<void> then) {
  const auto self = on.lock();
  const completion<void> done(std::move(then),
                              self ? self->executor()
                                   : boost::asio::any_io_executor(boost::asio::system_executor()));
  if (self)
    self->post([done](core& of) { of.close([done] { done({}); }); });
  else
    done({});
}

} // namespace troupe_client
