// Where a client has its tokens from: a text, or a provider that is asked whenever another is
// needed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe_client {

/// What a provider says.
struct token_reply {
  std::string token{}; ///< empty: there is none now, and it is asked again after a while
  std::string error{}; ///< why, for people
  bool stop = false;   ///< ends the client: nobody is signed in any more, say

  static token_reply of(std::string token) { return {.token = std::move(token)}; }
  static token_reply failed(std::string why) { return {.error = std::move(why)}; }
  static token_reply ended(std::string why) { return {.error = std::move(why), .stop = true}; }
};

/// Takes the reply, once, from any thread. If all copies are gone without one, that is an error.
class token_answer {
public:
  using taker = std::function<void(token_reply)>;
  explicit token_answer(taker to) : once_(std::make_shared<once>(std::move(to))) {}

  void operator()(token_reply reply) const {
    if (auto to = std::exchange(once_->to, {}))
      to(std::move(reply));
  }

private:
  struct once {
    taker to;
    explicit once(taker first) : to(std::move(first)) {}
    once(const once&) = delete;
    once& operator=(const once&) = delete;
    ~once() {
      if (to)
        to(token_reply::failed("the provider gave no answer"));
    }
  };
  std::shared_ptr<once> once_;
};

/// Called on the client's executor with a reason, `connect`, `expired`, `invalid` or `refresh`; one
/// call at a time. It must not block, and may answer at once or later.
using token_provider = std::function<void(std::string_view reason, token_answer answer)>;

struct token_source {
  std::string fixed{};
  token_provider provider{};

  token_source() = default;
  token_source(std::string token)
    : fixed(std::move(token)) {}                    // NOLINT(google-explicit-constructor)
  token_source(const char* token) : fixed(token) {} // NOLINT(google-explicit-constructor)
  token_source(token_provider from)
    : provider(std::move(from)) {} // NOLINT(google-explicit-constructor)
};

} // namespace troupe_client
