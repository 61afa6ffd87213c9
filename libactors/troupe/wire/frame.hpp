// A message as the bytes that go onto every socket: encoded once, WebSocket header included,
// shared. Immutable and counted atomically: it crosses threads. How a header is
// written is in websocket.hpp; frames from a server are not masked.
#pragma once

#include "troupe/wire/errors.hpp"

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

/// Both frames as one unit: they must be written together.
frame_ptr joined_frames(const frame_ptr& first, const frame_ptr& second);

/// An empty WebSocket ping, which every client answers by itself.
frame_ptr ping_frame();

} // namespace troupe
