// A message as the bytes that go onto every socket: encoded once, WebSocket header included,
// shared.
//
// `frame` is immutable and counted atomically: it crosses threads. `parcel` is one I/O loop's own
// handle on a frame, counted without atomics: a broadcast to ten thousand sockets of a loop touches
// the shared counter once. RFC 6455 section 5.2; frames from a server are not masked.
#pragma once

#include "troupe/errors.hpp"

#include <caf/intrusive_ptr.hpp>
#include <caf/ref_counted.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Immutable. Thread-safe.
class frame final : public caf::ref_counted {
public:
  frame(std::string storage, std::size_t begin) : storage_(std::move(storage)), begin_(begin) {}

  /// Header and payload, as they go onto the socket.
  std::string_view bytes() const { return std::string_view(storage_).substr(begin_); }

  /// The payload alone, of a single frame.
  std::string_view payload() const;

private:
  std::string storage_;
  std::size_t begin_;
};

using frame_ptr = caf::intrusive_ptr<const frame>;

/// Collects the payload of one text frame, then puts the header in front of it without moving it.
class frame_writer {
public:
  /// `expected` bytes of payload are reserved; more is fine.
  explicit frame_writer(std::size_t expected = 192);

  frame_writer& operator<<(std::string_view json) {
    storage_ += json;
    return *this;
  }
  /// The buffer to append to.
  std::string& out() { return storage_; }
  std::size_t payload_bytes() const;

  frame_ptr finish() &&;

private:
  std::string storage_;
};

/// A text frame of `payload`.
frame_ptr text_frame(std::string_view payload);

/// Control frames (section 5.5). A reason is cut to 123 bytes, a payload to 125.
frame_ptr close_frame(close_code code, std::string_view reason);
frame_ptr close_echo_frame(std::string_view payload);
frame_ptr pong_frame(std::string_view payload);

/// Both frames as one unit: they leave the house together.
frame_ptr joined_frames(const frame_ptr& first, const frame_ptr& second);

/// An empty WebSocket ping, which every client answers by itself.
frame_ptr ping_frame();

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
