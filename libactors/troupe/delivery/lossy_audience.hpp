// A room or topic whose slow readers are not closed but miss some of its frames. Belongs to one I/O
// loop.
//
// Its frames carry a pointer to it (see `frame_ref`), so that an outbox that is full knows which of
// them may go, and what to call the gap. Audiences with the policy `close` have none: their frames,
// like answers and control frames, are never dropped.
#pragma once

#include "troupe/access.hpp"
#include "troupe/runtime/metrics.hpp"
#include "troupe/wire/ids.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace troupe {

struct lossy_audience {
  audience_kind kind = audience_kind::topic;
  std::string name;
  slow_consumer policy = slow_consumer::drop_oldest;
  loop_metrics* counts = nullptr; ///< where what is dropped is counted; may be null

  /// What an outbox notes here while it looks through its frames. Means nothing at other times.
  struct {
    std::uint32_t newest = 0;  ///< where the last frame of this audience is
    std::uint32_t stretch = 0; ///< in which stretch of the queue there is a gap that may be widened
    std::uint32_t gap = 0;     ///< where that gap is
  } seen{};
};

} // namespace troupe
