// What an ended connection means: try again, with which token, or never again. Pure.
#pragma once

#include <string_view>

namespace troupe_client::detail {

struct connection_end {
  int code = 0; ///< of the close frame, or of a `disconnect` without one; 0: neither
  std::string_view reason{};
  bool opened = false; ///< there was a `connection` frame
};

struct verdict {
  bool again = true;
  std::string_view ask_token{}; ///< a reason to ask the provider for another; empty: there is none
};

class judge {
public:
  explicit judge(bool has_provider) : has_provider_(has_provider) {}

  verdict about(const connection_end& end) {
    constexpr int policy = 1008, token_expired = 4401, kicked = 4403;
    if (end.opened)
      invalid_ = 0;
    silent_ = end.opened || end.code != 0 ? 0 : silent_ + 1;
    switch (end.code) {
    case kicked:
      return {.again = false};
    case policy:
      // A provider may have had an old one: it is asked once more, and not for ever.
      if (has_provider_ && (end.reason == "Invalid token" || end.reason == "Token required") &&
          ++invalid_ < 2)
        return {.ask_token = "invalid"};
      return {.again = false};
    case token_expired:
      return {.ask_token = "expired"};
    default:
      break;
    }
    // A refused handshake does not say whether it was for the token.
    return silent_ != 0 && silent_ % 2 == 0 ? verdict{.ask_token = "connect"} : verdict{};
  }

private:
  bool has_provider_;
  unsigned invalid_ = 0; // refusals of the token in a row
  unsigned silent_ = 0;  // handshakes in a row that ended without a frame
};

} // namespace troupe_client::detail
