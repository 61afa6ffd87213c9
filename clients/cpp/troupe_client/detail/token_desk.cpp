#include "troupe_client/detail/token_desk.hpp"

#include "troupe_client/detail/header_text.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace troupe_client::detail {

void token_desk::want(taker to) {
  if (!has_provider())
    return to(token_reply::of(source_.fixed));
  if (!current_.empty())
    return to(token_reply::of(current_));
  to_ = std::move(to);
  ask();
}

void token_desk::renew(std::string_view reason, taker to) {
  reason_ = reason;
  to_ = std::move(to);
  ask();
}

void token_desk::spoil(std::string_view reason) {
  current_.clear();
  reason_ = reason;
}

void token_desk::close() {
  to_ = nullptr;
  stop_ = nullptr;
  source_.provider = nullptr;
}

void token_desk::ask() {
  if (std::exchange(in_hand_, true))
    return;
  token_answer answer([on = on_, weak = weak_from_this()](token_reply reply) {
    boost::asio::post(on, [weak, reply = std::move(reply)]() mutable {
      if (const auto self = weak.lock())
        self->arrived(std::move(reply));
    });
  });
  const auto provider = source_.provider; // it may close the client
  try {
    provider(reason_, answer);
  } catch (const std::exception& thrown) {
    answer(token_reply::failed(thrown.what()));
  } catch (...) {
    answer(token_reply::failed("the provider threw"));
  }
}

void token_desk::arrived(token_reply reply) {
  in_hand_ = false;
  if (reply.stop) {
    if (const auto stop = stop_)
      stop(reply.error);
    return;
  }
  if (!fits_header(reply.token))
    reply = token_reply::failed("it has blanks or other characters that no token has");
  if (!reply.token.empty()) {
    current_ = reply.token;
    reason_ = "connect";
  } else if (reply.error.empty()) {
    reply.error = "the provider has no token";
  }
  if (const auto to = std::exchange(to_, nullptr))
    to(reply);
}

} // namespace troupe_client::detail
