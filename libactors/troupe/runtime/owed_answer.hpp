// The answer to a request that is given later. Whoever may give it keeps a copy; when the last copy
// goes and nobody has given it, the asker is told at once that it will not come. So an actor that
// ends, or drops what it was about to do, leaves nobody waiting for a time-out.
#pragma once

#include "troupe/wire/errors.hpp"

#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <utility>

namespace troupe {

template <class Answer>
class owed_answer {
public:
  using promise = caf::typed_response_promise<Answer>;

  explicit owed_answer(promise what) : owed_(std::make_shared<owed>(std::move(what))) {}

  /// Does nothing the second time.
  void give(Answer answer) const {
    if (owed_->to.pending())
      owed_->to.deliver(std::move(answer));
  }

private:
  struct owed {
    explicit owed(promise what) : to(std::move(what)) {}
    ~owed() {
      if (to.pending())
        to.deliver(caf::make_error(caf::sec::request_receiver_down));
    }
    owed(const owed&) = delete;
    owed& operator=(const owed&) = delete;

    promise to;
  };
  std::shared_ptr<owed> owed_;
};

/// Why a request to an actor has no answer, as whoever asked for it is told.
inline error no_answer(const caf::error& why) {
  if (why == caf::sec::request_timeout)
    return error{errc::timeout};
  return error{why == caf::sec::runtime_error ? errc::internal : errc::unavailable};
}

} // namespace troupe
