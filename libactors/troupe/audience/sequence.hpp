// Where messages of one room or topic get their numbers. Pure.
#pragma once

#include "troupe/wire/ids.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace troupe {

/// One unbroken run of offsets, 1, 2, 3 …, under an epoch of its own.
class sequence {
public:
  explicit sequence(std::string epoch) : at_{std::move(epoch), 0} {}

  /// The position of the last message; offset 0: there was none yet.
  const position& at() const { return at_; }

  /// Numbers the next message.
  std::uint64_t next() { return ++at_.offset; }

private:
  position at_;
};

} // namespace troupe
