// Any bytes as a compressed message, as a message to compress, and as an offer to compress: no more
// comes out than allowed, what is packed comes back, and an answer is one of a few. The first byte
// chooses limit and window.
#include "server/net/deflate.hpp"
#include "server/net/deflate_offer.hpp"
#include "tests/fuzz/check.hpp"

#include <cstdint>
#include <string>

namespace troupe {
namespace {

using test::check;

std::string result_of(deflate_codec& codec, std::string_view payload, std::size_t limit) {
  const auto text = codec.unpack(payload, limit);
  if (!text) {
    const auto code = text.error();
    check(code == close_code::invalid_payload || code == close_code::too_big,
          "an error is 1007 or 1009");
    return "close " + std::to_string(static_cast<int>(code));
  }
  check(text->size() <= limit, "no more comes out than allowed");
  return "text " + std::string(*text);
}

void take_in(deflate_codec& codec, std::string_view payload, std::size_t limit) {
  const auto first = result_of(codec, payload, limit);
  check(result_of(codec, payload, limit) == first, "one message has no effect on the next");
  // A larger limit makes a message of what was too long, or finds it broken further on.
  const auto wider = result_of(codec, payload, limit + 1000);
  check(wider == first || first == "close 1009", "only what was too long depends on the limit");
}

void send(deflate_codec& codec, std::string_view text) {
  const frame_ref plain{text_frame(text)};
  const frame_ref packed = codec.pack(plain);
  check(packed.size() <= plain.size(), "packing does not lengthen");
  if (packed.data() == plain.data())
    return;
  const std::string_view bytes(packed.data(), packed.size());
  const auto length = static_cast<unsigned char>(bytes[1]);
  const std::size_t header = length < 126 ? 2 : length == 126 ? 4 : 10;
  check(result_of(codec, bytes.substr(header), text.size()) == "text " + std::string(text),
        "what is packed comes back");
}

void offer(std::string_view text, const deflate_settings& ours) {
  const std::string both =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  const auto answer = answer_deflate_offers(text, ours);
  check(answer.empty() || answer == both ||
          answer == both + "; server_max_window_bits=" + std::to_string(ours.window_bits),
        "nothing of the offer is in the answer");
  check(answer.empty() || text.find("permessage-deflate") != std::string_view::npos,
        "what is accepted was offered");
}

} // namespace
} // namespace troupe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  if (size == 0)
    return 0;
  const deflate_settings ours{
    .enabled = true, .level = 1 + data[0] % 9u, .window_bits = 9 + data[0] % 7u, .min_bytes = 1};
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  deflate_codec codec(ours);
  take_in(codec, bytes, std::size_t{data[0]} * 16);
  send(codec, bytes);
  offer(bytes, ours);
  return 0;
}
