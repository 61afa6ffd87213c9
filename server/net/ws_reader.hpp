// Reads WebSocket frames from a client (RFC 6455 section 5) out of whatever bytes have come. Pure.
//
// Works in the buffer the bytes were received into: payloads are unmasked in place and handed on as
// views, so a message that arrives whole is never copied. Only the parts of a fragmented message
// are collected. While nothing is half-read a reader owns no memory.
//
// What no text can begin with is refused as soon as it has come, in a fragment or in half a frame
// (section 8.1). Each byte is looked at once; of compressed messages only the whole is known.
#pragma once

#include "troupe/wire/result.hpp"
#include "troupe/wire/websocket.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace troupe {

class ws_reader {
public:
  class handler {
  public:
    /// Whether the next frame may be handed over.
    virtual bool wants_frames() = 0;
    virtual void on_message(bool text, std::string_view payload) = 0;
    /// Whether messages may come compressed (RFC 7692), and what such a one says, valid until the
    /// next call; the error is the code to close with.
    virtual bool takes_compressed() { return false; }
    virtual result<std::string_view, close_code> decompress(std::string_view) {
      return fail(close_code::protocol_error);
    }
    virtual void on_ping(std::string_view payload) = 0;
    virtual void on_pong() = 0;
    /// A well-formed close frame; `payload` is what to echo.
    virtual void on_close(std::string_view payload) = 0;
    /// The client broke the protocol. Nothing is handed over after this.
    virtual void on_violation(close_code code, std::string_view what) = 0;

  protected:
    ~handler() = default;
  };

  /// Frames of any kind that one `read` handles: tiny ones cost far more a byte than others, and
  /// whoever floods a loop with them must not hold it up.
  static constexpr int frames_per_read = 128;

  /// Hands over the whole frames in `bytes` as long as they are wanted, at most `frames_per_read`;
  /// returns how many bytes are done with. The rest must come again, in front of what is received
  /// next.
  std::size_t read(std::span<char> bytes, std::size_t message_bytes_max, handler& to);

  /// The last `read` ended because of `frames_per_read`: there may be more frames in the rest.
  bool paused() const { return paused_; }

private:
  struct partial {
    bool text = true;
    bool compressed = false;
    std::string payload;
    std::size_t checked = 0; // bytes of it that are whole characters
    std::size_t fragments = 1;
  };

  bool is_plain_text(const websocket::header& h) const;
  void check_half(const websocket::header& h, std::string_view payload, const char* mask,
                  handler& to);
  void accept(const websocket::header& h, std::string_view payload, handler& to);
  void accept_data(const websocket::header& h, std::string_view payload, handler& to);
  bool check_fragments(bool whole, handler& to);
  void violate(close_code code, std::string_view what, handler& to);
  void violate(close_code code, handler& to) { violate(code, default_reason(code), to); }

  std::unique_ptr<partial> partial_; // the message whose fragments are coming
  std::uint32_t checked_ = 0;        // bytes of half a frame that are whole characters
  bool broken_ = false;
  bool paused_ = false;
};

} // namespace troupe
