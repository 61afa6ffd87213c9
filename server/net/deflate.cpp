#include "server/net/deflate.hpp"

#include "troupe/wire/websocket.hpp"

#include <caf/make_counted.hpp>

#include <algorithm>
#include <new>

#define ZLIB_CONST
#include <zlib.h>

namespace troupe {

namespace {

// A larger buffer is given back before the next message.
constexpr std::size_t kept_bytes_max = 128 * 1024;

// The end of a block that is left out on the wire (section 7.2.1).
constexpr std::string_view flush_end{"\x00\x00\xff\xff", 4};

// Clients may use all of the 32 KiB that DEFLATE knows.
constexpr int client_window_bits = 15;

// A negative size of the window means: without zlib's own header.
int raw(int window_bits) {
  return -window_bits;
}

const Bytef* input_of(std::string_view bytes) {
  return reinterpret_cast<const Bytef*>(bytes.data());
}

Bytef* output_at(std::string& buffer, std::size_t place) {
  return reinterpret_cast<Bytef*>(buffer.data() + place);
}

frame_ptr compressed_frame(std::string_view payload) {
  std::string bytes;
  bytes.reserve(websocket::header_bytes_max + payload.size());
  websocket::append_header(bytes, websocket::opcode::text, payload.size(), true);
  bytes += payload;
  return caf::make_counted<frame>(std::move(bytes), std::size_t{0});
}

void make_room(std::string& buffer, std::size_t bytes) {
  if (buffer.size() < bytes)
    buffer.resize(bytes);
}

void give_back(std::string& buffer) {
  if (buffer.size() > kept_bytes_max)
    std::string{}.swap(buffer);
}

} // namespace

// zlib lets itself be ended when it never began.
void deflate_codec::end_deflate::operator()(z_stream_s* stream) const {
  ::deflateEnd(stream);
  delete stream;
}

void deflate_codec::end_inflate::operator()(z_stream_s* stream) const {
  ::inflateEnd(stream);
  delete stream;
}

deflate_codec::deflate_codec(const deflate_settings& how)
  : bytes_min_(std::max<std::size_t>(how.min_bytes, 1)),
    packer_(new z_stream{}),
    unpacker_(new z_stream{}) {
  // Tables as large as the window deserves: together 2^(window_bits + 3) bytes.
  const int window_bits = std::clamp(static_cast<int>(how.window_bits), 9, 15);
  const int memory_level = window_bits - 7;
  if (::deflateInit2(packer_.get(), static_cast<int>(how.level), Z_DEFLATED, raw(window_bits),
                     memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  if (::inflateInit2(unpacker_.get(), raw(client_window_bits)) != Z_OK)
    throw std::bad_alloc();
}

deflate_codec::~deflate_codec() = default;

// -- sending -----------------------------------------------------------------------------------------

frame_ref deflate_codec::pack(const frame_ref& what) {
  if (what.size() < bytes_min_)
    return what;
  return what.form({.speaks = nullptr, .compressed = true}, [&] {
    const auto text = websocket::whole_text({what.data(), what.size()});
    auto smaller = text && text->size() >= bytes_min_ ? compress(*text) : frame_ptr{};
    return smaller ? smaller : what.frame();
  });
}

// Null when that would not be smaller.
frame_ptr deflate_codec::compress(std::string_view payload) {
  z_stream& z = *packer_;
  ::deflateReset(&z);
  const std::size_t room = payload.size() + flush_end.size();
  make_room(packed_, room);
  z.next_in = input_of(payload);
  z.avail_in = static_cast<uInt>(payload.size());
  z.next_out = output_at(packed_, 0);
  z.avail_out = static_cast<uInt>(room);
  frame_ptr made;
  if (::deflate(&z, Z_SYNC_FLUSH) == Z_OK && z.avail_in == 0 && z.avail_out > 0)
    made = compressed_frame({packed_.data(), room - z.avail_out - flush_end.size()});
  give_back(packed_);
  return made;
}

// -- receiving ---------------------------------------------------------------------------------------

result<std::string_view, close_code> deflate_codec::unpack(std::string_view payload,
                                                           std::size_t bytes_max) {
  // zlib tells where it stands: here behind a block that is not the last, on a whole byte.
  constexpr int between_blocks = 128;
  give_back(unpacked_);
  z_stream& z = *unpacker_;
  ::inflateReset(&z);
  std::size_t size = 0;
  std::size_t size_before = 0; // the flush's end
  int status = Z_OK;
  for (const auto part : {payload, flush_end}) {
    size_before = size;
    z.next_in = input_of(part);
    z.avail_in = static_cast<uInt>(part.size());
    do {
      if (size == unpacked_.size())
        make_room(unpacked_, std::min(bytes_max + 1, std::max<std::size_t>(4096, 2 * size)));
      const std::size_t room = std::min(unpacked_.size(), bytes_max + 1) - size;
      z.next_out = output_at(unpacked_, size);
      z.avail_out = static_cast<uInt>(room);
      status = ::inflate(&z, Z_SYNC_FLUSH);
      size += room - z.avail_out;
      if (size > bytes_max)
        return fail(close_code::too_big);
    } while (status == Z_OK && (z.avail_in > 0 || z.avail_out == 0));
    if (status != Z_OK && status != Z_BUF_ERROR)
      break;
  }
  // A last block may come early; then an empty one follows, of which this byte is what is sent
  // (section 7.2.3.4). That more may follow is a freedom that no client uses.
  const bool ended = status == Z_STREAM_END && z.avail_in == 1 && *z.next_in == 0;
  const bool flushed = status == Z_OK && z.data_type == between_blocks && size == size_before;
  if (!ended && !flushed)
    return fail(close_code::invalid_payload);
  return std::string_view(unpacked_).substr(0, size);
}

} // namespace troupe
