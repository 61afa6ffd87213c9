#include "server/net/request_reader.hpp"

#include "server/net/request_rules.hpp"
#include "server/net/request_target.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>

#include <iterator>
#include <utility>

namespace troupe {

namespace http = boost::beast::http;

namespace {

// Less than this never ends a request in chunks.
constexpr std::string_view last_chunk = "0\r\n\r\n";

std::ptrdiff_t fields_of(const http_header& header) {
  return std::distance(header.begin(), header.end());
}

// Extensions of chunks say nothing that is used here, and have been a way to smuggle: readers
// differ in where such a line ends.
auto refuse_extensions = [](std::uint64_t, boost::beast::string_view extensions,
                            boost::beast::error_code& error) {
  if (!extensions.empty())
    error = http::error::bad_chunk_extension;
};

} // namespace

request_reader::request_reader(const limits& bounds)
  : header_bytes_max_(bounds.http_header_bytes_max) {
  parser_.header_limit(static_cast<std::uint32_t>(header_bytes_max_));
  parser_.body_limit(bounds.http_body_bytes_max);
  parser_.on_chunk_header(refuse_extensions);
}

std::size_t request_reader::read(std::string_view input) {
  std::size_t taken = begun() ? 0 : skip_empty_lines(input);
  if (!begun() && input.substr(taken) == "\r") // half of another one
    return taken;
  while (taken < input.size() && !parser_.is_done() && !refusal_) {
    error_code error;
    const auto used = put(input.substr(taken), error);
    taken += used;
    if (error && error != http::error::need_more)
      refuse(error);
    else if (error || used == 0)
      break;
  }
  // Of a chunk's first line, or of fields behind the last: no such line is that long.
  if (!refusal_ && !parser_.is_done() && input.size() - taken > header_bytes_max_)
    refuse(http::error::header_limit);
  // Fields behind the body would count like those of the header, which a proxy has looked at.
  if (done() && fields_of(header()) != header_fields_)
    refuse({errc::bad_request, "Fields behind the body are not taken"});
  return taken;
}

// Clients of old end a body with one line more than it has (RFC 9112 section 2.2).
std::size_t request_reader::skip_empty_lines(std::string_view input) {
  constexpr std::string_view empty_line = "\r\n";
  std::size_t skipped = 0;
  while (input.substr(skipped).starts_with(empty_line))
    skipped += empty_line.size();
  header_bytes_ += skipped;
  if (header_bytes_ > header_bytes_max_)
    refuse(http::error::header_limit);
  return skipped;
}

std::size_t request_reader::put(std::string_view input, error_code& error) {
  const boost::asio::const_buffer bytes(input.data(), input.size());
  if (parser_.is_header_done()) {
    awaited_ = false; // it has not waited
    // The parser takes for granted that it gets the last chunk with all of these.
    if (parser_.chunked() && input.size() < last_chunk.size()) {
      error = http::error::need_more;
      return 0;
    }
    return parser_.put(bytes, error);
  }
  if (has_folded_line(input)) {
    refuse({errc::bad_request, "A header line must not go on in the next one"});
    return 0;
  }
  const auto used = parser_.put(bytes, error);
  if (error && error != http::error::need_more)
    return used;
  // The parser's own limit is for what it is given at once.
  header_bytes_ += used;
  const auto unfinished = parser_.is_header_done() ? 0 : input.size() - used;
  if (header_bytes_ + unfinished > header_bytes_max_)
    error = http::error::header_limit;
  else if (!error && parser_.is_header_done())
    finish_header();
  return used;
}

void request_reader::finish_header() {
  http_header& header = parser_.get().base();
  if (const auto checked = check_header(header); !checked)
    return refuse(checked.error());
  if (const auto known = normalize_target(header); !known)
    return refuse(known.error());
  header_fields_ = fields_of(header);
  if (const auto expected = header[http::field::expect]; !expected.empty()) {
    if (!boost::beast::iequals(expected, "100-continue"))
      return refuse({errc::bad_request, "'Expect' may be '100-continue'"}, 417);
    awaited_ = header.version() >= 11 && !parser_.is_done();
  }
  parser_.eager(true);
}

bool request_reader::take_continue() {
  return !refusal_ && std::exchange(awaited_, false);
}

void request_reader::refuse(error_code error) {
  if (error == http::error::header_limit)
    refusal_ = error_response({errc::bad_request, "Header too large"}, 431);
  else if (error == http::error::body_limit)
    refusal_ = error_response({errc::bad_request, "Body too large"}, 413);
  else
    refuse({errc::bad_request, "Not an HTTP request: " + error.message()});
}

} // namespace troupe
