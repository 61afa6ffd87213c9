// Reads one HTTP request out of whatever bytes have come, and refuses what could be read in more
// than one way: see request_rules.hpp. Pure.
#pragma once

#include "server/net/http.hpp"
#include "troupe/wire/limits.hpp"

#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace troupe {

class request_reader {
public:
  explicit request_reader(const limits& bounds);

  /// Takes what it can from the beginning of `input`; returns how many bytes are done with. The
  /// rest must come again, in front of what is received next. Not after `refusal` or `done`.
  std::size_t read(std::string_view input);

  /// Whether the client waits for `100 Continue` before it sends the body, which would be taken:
  /// true once. After `read` has been given all there is.
  bool take_continue();

  /// Whether a request has begun.
  bool begun() const { return parser_.got_some(); }
  /// Whether it is there as a whole, to be taken.
  bool done() const { return !refusal_ && parser_.is_done(); }
  http_request take() { return parser_.release(); }
  /// What has come of it; as a whole once it is `done`. Before `take`.
  const http_header& header() const { return parser_.get().base(); }
  /// Whether its connection may be used again, by all lines of `Connection`. Before `take`.
  bool keep_alive() const { return parser_.keep_alive(); }

  /// What to answer instead, before closing: nobody can tell where the next request begins.
  const std::optional<http_response>& refusal() const { return refusal_; }

private:
  using error_code = boost::beast::error_code;

  std::size_t skip_empty_lines(std::string_view input);
  std::size_t put(std::string_view input, error_code& error);
  void finish_header();
  void refuse(error_code error);
  void refuse(const error& why, unsigned status = 400) { refusal_ = error_response(why, status); }

  boost::beast::http::request_parser<boost::beast::http::string_body> parser_;
  std::optional<http_response> refusal_;
  const std::size_t header_bytes_max_;
  std::size_t header_bytes_ = 0;
  std::ptrdiff_t header_fields_ = -1; // once the header is there
  bool awaited_ = false;              // the client waits until it is told to go on
};

} // namespace troupe
