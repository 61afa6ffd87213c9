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
class parcel {
public:
  parcel() = default;
  explicit parcel(frame_ptr what) : box_(new box{std::move(what)}) {}
  /// A frame of `of`, which stands at `offset` with it. `of` may be null.
  parcel(frame_ptr what, lossy_audience_ptr of, std::uint64_t offset) : parcel(std::move(what)) {
    box_->of = std::move(of);
    box_->offset = offset;
  }
  parcel(const parcel& other) : box_(other.box_) {
    if (box_)
      ++box_->holders;
  }
  parcel(parcel&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
  parcel& operator=(parcel other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }
  ~parcel() {
    if (box_ && --box_->holders == 0)
      discard(box_);
  }

  explicit operator bool() const { return box_ != nullptr; }
  const char* data() const { return box_->data; }
  std::size_t size() const { return box_->size; }

  /// The same message in another form (compressed), kept with this one so that it is made once for
  /// all holders. May be this parcel itself.
  bool has_twin() const { return box_->twin != nullptr; }
  parcel twin() const {
    ++box_->twin->holders;
    return parcel(box_->twin);
  }
  /// Once.
  void give_twin(const parcel& other) const {
    box_->twin = other.box_;
    if (other.box_ == box_)
      return;
    ++other.box_->holders;
    other.box_->of = box_->of;
    other.box_->offset = box_->offset;
  }

  bool is_pong() const;

  /// Whose frame it is if a slow reader may miss it; else null.
  lossy_audience* of() const { return box_->of.get(); }

  // -- a gap: the place of frames of one audience that were dropped. Belongs to one outbox.

  /// A gap in the place of `first`. It is as long as it could ever be, and has no text, until it is
  /// written.
  static parcel gap(const parcel& first);
  /// Frame or gap `next` of the same audience goes too.
  void widen(const parcel& next);
  /// How many frames are missing; 0 if this is a frame and no gap.
  std::uint32_t missing() const { return box_->missing; }
  /// Gives it its text if it has none since it was made or widened.
  void write_gap();

private:
  struct box {
    box() = default;
    explicit box(frame_ptr f)
      : what(std::move(f)),
        data(what->bytes().data()),
        size(what->bytes().size()) {}
    ~box() {
      if (twin && twin != this && --twin->holders == 0)
        delete twin;
    }
    frame_ptr what;
    const char* data = nullptr;
    std::size_t size = 0;
    std::uint32_t holders = 1;
    std::uint32_t missing = 0;
    box* twin = nullptr;
    lossy_audience_ptr of;
    std::uint64_t offset = 0; // where `of` stands with this frame, or after this gap
  };

  explicit parcel(box* held) : box_(held) {}
  static void discard(box* last); // not inline: parcels are moved and dropped all over

  box* box_ = nullptr;
};

} // namespace troupe
