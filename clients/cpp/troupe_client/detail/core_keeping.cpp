// What keeps a connection good: its token is renewed in time, and the server is asked whether it is
// there.
#include "troupe_client/detail/boot_clock.hpp"
#include "troupe_client/detail/core.hpp"
#include "troupe_client/detail/members.hpp"

namespace troupe_client::detail {

void core::watch() {
  look_at_token();
  const auto counsel = watchdog_.look(clock::now());
  if (counsel.what == watchdog::advice::dead) {
    wire_->abandon();
    return ended({.reason = "the server is silent"});
  }
  if (counsel.what == watchdog::advice::ping)
    wire_->send(R"({"type":"ping"})");
  watch_.set(
    counsel.again, [this] { watch(); }, shared_from_this());
}

// Without a token there is nothing to try.
void core::token_failed(const std::string& why) {
  report("no token: " + why);
  try_again(token_delays_.next(random()), 0, "no token: " + why);
}

void core::authenticated(const frame& what) {
  token_.cancel();
  renew_at_ = {};
  constexpr std::chrono::seconds expires_max = std::chrono::years(10);
  const auto expires_in = number_in(what.content, "expires_in", expires_max.count());
  if (const auto inbox = text_in(what.content, "inbox"); !inbox.empty()) {
    auto here = audiences_.find({audience_kind::topic, inbox});
    if (!here) {
      here =
        std::make_shared<audience>(audience_key{audience_kind::topic, inbox}, on_, pending_alarms_);
      audiences_.add(here);
    }
    here->inbox = true;
  }
  if (expires_in <= 0 || !tokens_->has_provider())
    return;
  constexpr double earliest = 0.75, spread = 0.15;
  const std::chrono::milliseconds in(static_cast<std::int64_t>(
    static_cast<double>(expires_in) * 1'000 * (earliest + spread * random())));
  renew_at_ = since_boot() + in;
  token_.set(
    in, [this] { look_at_token(); }, shared_from_this());
}

// By the alarm, and now and then: an alarm does not know that the machine slept.
void core::look_at_token() {
  if (!open_ || renew_at_ == std::chrono::nanoseconds(0) || since_boot() < renew_at_)
    return;
  renew_at_ = {};
  refresh("refresh");
}

void core::refresh(std::string_view reason) {
  const auto later = [this](const char* why) {
    token_.set(
      token_delays_.next(random()), [this, why] { refresh(why); }, shared_from_this());
  };
  tokens_->renew(reason, [this, weak = weak_from_this(), later](const token_reply& reply) {
    const auto self = weak.lock();
    if (!self || closing_ || !open_)
      return;
    if (!reply.error.empty()) {
      report("no token: " + reply.error);
      return later("refresh");
    }
    send_control({{"type", "refresh"}, {"token", reply.token}},
                 [this, later](const result<frame_ptr>& answer) {
                   if (answer)
                     return token_delays_.reset();
                   if (closing_ || !open_)
                     return;
                   report("the server refuses the new token: " + answer.error().message);
                   tokens_->spoil("invalid");
                   later("invalid");
                 });
    flush_later();
  });
}

} // namespace troupe_client::detail
