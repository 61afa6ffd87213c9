// Compression of messages (permessage-deflate, RFC 7692) for all connections of one I/O loop. Runs
// on its I/O loop.
//
// Each message is compressed by itself, with nothing carried over from the one before. So a
// broadcast is compressed once for all listeners of the loop who take it that way, and what zlib
// needs is there once per loop: connections own nothing.
#pragma once

#include "server/settings/deflate_settings.hpp"
#include "troupe/delivery/frame_ref.hpp"
#include "troupe/wire/result.hpp"

#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace troupe {

class deflate_codec {
public:
  /// Throws `std::bad_alloc` when zlib finds no memory.
  explicit deflate_codec(const deflate_settings& how);
  ~deflate_codec();

  /// What to send for `what` to a client that takes compressed messages: its compressed form, made
  /// when it is first asked for. The frame_ref itself when it is short, does not get smaller, or is
  /// anything else than one text frame.
  frame_ref pack(const frame_ref& what);

  /// The message in the payload of a compressed one (section 7.2.2), valid until the next call. An
  /// error closes the connection: 1009 when it would be longer than `bytes_max`, of which no more
  /// is ever made, 1007 when it is not what a client may send.
  result<std::string_view, close_code> unpack(std::string_view payload, std::size_t bytes_max);

private:
  struct end_deflate {
    void operator()(z_stream_s* stream) const;
  };
  struct end_inflate {
    void operator()(z_stream_s* stream) const;
  };

  frame_ptr compress(std::string_view payload);

  const std::size_t bytes_min_;
  std::unique_ptr<z_stream_s, end_deflate> packer_;
  std::unique_ptr<z_stream_s, end_inflate> unpacker_;
  std::string packed_;   // two buffers, because an answer may be packed
  std::string unpacked_; // while the request is still looked at
};

} // namespace troupe
