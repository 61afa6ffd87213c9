// How far a room or topic has been seen, and which frame is next: at the seam between what was
// missed and what is said now, nothing comes twice and nothing is passed over in silence. Pure.
#pragma once

#include "troupe_client/result.hpp"

#include <cstdint>
#include <optional>

namespace troupe_client::detail {

class seam {
public:
  struct verdict {
    bool deliver = true;
    std::optional<std::uint64_t> missing{}; ///< so many are not there before it, and nobody said so
  };

  /// A position of the server's: an answer, or a `position` frame.
  void stand(position at) {
    at_ = std::move(at);
    known_ = true;
  }

  /// A frame with an offset; `prev` is that of the frame before it, where the server names it.
  verdict take(std::uint64_t offset, std::optional<std::uint64_t> prev = {}) {
    if (!known_)
      return {};
    if (offset <= at_.offset)
      return {.deliver = false};
    const auto before = prev.value_or(offset - 1);
    const auto seen = at_.offset;
    at_.offset = offset;
    if (before > seen)
      return {.deliver = true, .missing = before - seen};
    return {};
  }

  /// A `gap` up to this offset; false when all of that has been seen.
  bool skip(std::uint64_t offset) {
    if (known_ && offset < at_.offset)
      return false;
    at_.offset = offset;
    return true;
  }

  /// One's own message that does not come, because it is not for oneself.
  void said(const position& own) {
    if (known_ && own.epoch == at_.epoch && own.offset == at_.offset + 1)
      at_.offset = own.offset;
  }

  /// Nothing is asked to be recovered without an epoch.
  bool recoverable() const { return known_ && !at_.epoch.empty(); }
  const position& at() const { return at_; }

private:
  position at_{};
  bool known_ = false;
};

} // namespace troupe_client::detail
