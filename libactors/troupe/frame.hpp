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

/// One loop's handle on a frame. Belongs to that loop's thread.
class parcel {
public:
  parcel() = default;
  explicit parcel(frame_ptr what) : box_(new box{std::move(what)}) {}
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
      delete box_;
  }

  explicit operator bool() const { return box_ != nullptr; }
  const char* data() const { return box_->data; }
  std::size_t size() const { return box_->size; }

private:
  struct box {
    explicit box(frame_ptr f)
      : what(std::move(f)),
        data(what->bytes().data()),
        size(what->bytes().size()) {}
    frame_ptr what;
    const char* data;
    std::size_t size;
    std::uint32_t holders = 1;
  };

  box* box_ = nullptr;
};

} // namespace troupe
