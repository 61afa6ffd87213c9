// One I/O loop's own handle on a frame, counted without atomics: a broadcast to ten thousand
// sockets of a loop touches the frame's shared counter once. Belongs to that loop's thread.
#pragma once

#include "troupe/wire/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace troupe {

struct lossy_audience;
using lossy_audience_ptr = std::shared_ptr<lossy_audience>;

/// One loop's handle on a frame. Belongs to that loop's thread.
class frame_ref {
public:
  frame_ref() = default;
  explicit frame_ref(frame_ptr what) : shared_(new shared{std::move(what)}) {}
  /// A frame of `of`, which stands at `offset` with it. `of` may be null.
  frame_ref(frame_ptr what, lossy_audience_ptr of, std::uint64_t offset)
    : frame_ref(std::move(what)) {
    shared_->of = std::move(of);
    shared_->offset = offset;
  }
  frame_ref(const frame_ref& other) : shared_(other.shared_) {
    if (shared_)
      ++shared_->holders;
  }
  frame_ref(frame_ref&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  frame_ref& operator=(frame_ref other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~frame_ref() {
    if (shared_ && --shared_->holders == 0)
      discard(shared_);
  }

  explicit operator bool() const { return shared_ != nullptr; }
  const char* data() const { return shared_->data; }
  std::size_t size() const { return shared_->size; }

  /// The same message in another form (compressed), kept with this one so that it is made once for
  /// all holders. May be this frame_ref itself.
  bool has_form() const { return shared_->form != nullptr; }
  frame_ref form() const {
    ++shared_->form->holders;
    return frame_ref(shared_->form);
  }
  /// Once.
  void set_form(const frame_ref& other) const {
    shared_->form = other.shared_;
    if (other.shared_ == shared_)
      return;
    ++other.shared_->holders;
    other.shared_->of = shared_->of;
    other.shared_->offset = shared_->offset;
  }

  bool is_pong() const;

  /// Whose frame it is if a slow reader may miss it; else null.
  lossy_audience* of() const { return shared_->of.get(); }

  // -- a gap: the place of frames of one audience that were dropped. Belongs to one outbox.

  /// A gap in the place of `first`. It is as long as it could ever be, and has no text, until it is
  /// written.
  static frame_ref gap(const frame_ref& first);
  /// Frame or gap `next` of the same audience goes too.
  void widen(const frame_ref& next);
  /// How many frames are missing; 0 if this is a frame and no gap.
  std::uint32_t missing() const { return shared_->missing; }
  /// Gives it its text if it has none since it was made or widened.
  void write_gap();

private:
  struct shared {
    shared() = default;
    explicit shared(frame_ptr f)
      : what(std::move(f)),
        data(what->bytes().data()),
        size(what->bytes().size()) {}
    ~shared() {
      if (form && form != this && --form->holders == 0)
        delete form;
    }
    frame_ptr what;
    const char* data = nullptr;
    std::size_t size = 0;
    std::uint32_t holders = 1;
    std::uint32_t missing = 0;
    shared* form = nullptr;
    lossy_audience_ptr of;
    std::uint64_t offset = 0; // where `of` stands with this frame, or after this gap
  };

  explicit frame_ref(shared* held) : shared_(held) {}
  static void discard(shared* last); // not inline: frame refs are moved and dropped all over

  shared* shared_ = nullptr;
};

} // namespace troupe
