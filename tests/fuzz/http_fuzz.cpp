// Any HTTP request: it ends at the same byte however it comes, percent-encoding comes back, and the
// answer to a handshake is whole and the server's own, whatever the request says.
#include "server/net/handshake.hpp"
#include "server/net/http.hpp"
#include "server/net/request_reader.hpp"
#include "server/text/url.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace troupe {
namespace {

using test::check;

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    char escape[4];
    std::snprintf(escape, sizeof escape, "%%%02x",
                  static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += escape;
  }
  return out;
}

void decode_target(std::string_view target) {
  std::string out;
  if (percent_decode(target, out))
    check(out.size() <= target.size(), "decoding does not lengthen");
  check(percent_decode(percent_encoded(target), out) && out == target, "encoding comes back");
  const auto [path, query] = split_target(target);
  check(path.find('?') == std::string_view::npos, "a path has no query");
  check(path.size() + query.size() <= target.size(), "a target is not lengthened");
  for (const auto* name : {"user", "token", ""})
    check(query_parameter(query, name).value_or("").size() <= query.size(),
          "a value is part of the query");
  check(query_parameter("a=1&user=" + percent_encoded(target) + "&user=2", "user") == target,
        "a parameter comes back");
}

void check_one_head(const std::string& bytes, const char* begin) {
  check(bytes.starts_with(begin), "it begins with its status");
  const auto end = bytes.find("\r\n\r\n");
  check(end != std::string::npos, "the head ends");
  for (std::size_t i = 0; i < end; ++i)
    check(static_cast<unsigned char>(bytes[i]) < 0x7f, "the head is ASCII");
}

void shake(const http_request& request) {
  const auto answer = answer_handshake(request);
  if (answer) {
    check_one_head(*answer, "HTTP/1.1 101 ");
    check(answer->ends_with("\r\n\r\n"), "nothing follows the head");
    check(answer->size() < 250, "nothing of the request is in the answer");
    return;
  }
  const auto& refused = answer.error();
  check(refused.status == 426 || refused.status == 400, "an error is 426 or 400");
  check_one_head(serialize(refused, {}), refused.status == 426 ? "HTTP/1.1 426 " : "HTTP/1.1 400 ");
}

struct reading {
  std::optional<http_request> request;
  std::size_t end = 0; // of the request, in the text
};

reading read(std::string_view text, std::size_t portion) {
  const limits bounds{.http_header_bytes_max = 8 * 1024, .http_body_bytes_max = 1024};
  request_reader reader(bounds);
  reading out;
  std::size_t received = 0;
  while (received < text.size() && !reader.done() && !reader.refusal()) {
    received = std::min(text.size(), received + portion);
    const auto used = reader.read(text.substr(out.end, received - out.end));
    check(used <= received - out.end, "no more is taken than there is");
    out.end += used;
  }
  check(!(reader.done() && reader.refusal()), "a refused request is none");
  if (reader.done())
    out.request = reader.take();
  return out;
}

} // namespace
} // namespace troupe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  troupe::decode_target(text.substr(0, text.find("\r\n")));
  const auto whole = troupe::read(text, text.size());
  const auto in_bytes = troupe::read(text, 1);
  troupe::test::check(whole.request.has_value() == in_bytes.request.has_value(),
                      "portions make no difference");
  if (whole.request) {
    troupe::test::check(whole.end == in_bytes.end, "a request ends where it ends");
    troupe::test::check(whole.request->body() == in_bytes.request->body(), "so does its body");
    troupe::shake(*whole.request);
  }
  return 0;
}
