// URLs and targets of requests, taken apart: by Boost.URL where its rules are those that are
// wanted. What is returned are views of what was given. Pure.
#pragma once

#include "troupe/wire/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// `scheme://user@host:port`, and what follows it.
struct url_parts {
  std::string_view scheme;                   ///< as it was written; empty: there was none
  std::optional<std::string_view> user_info; ///< before an `@`
  std::string_view host;                     ///< may be empty; an IPv6 address has its brackets
  std::optional<std::string_view> port;      ///< digits behind a `:`, or none of them
  std::string_view rest; ///< path, query and fragment as they stand: nothing in them is checked
};

/// Of a URL with `://`; nothing when it is none up to `rest` (RFC 3986 section 3).
std::optional<url_parts> split_url(std::string_view url);

/// Of `host` or `host:port` alone.
std::optional<url_parts> split_authority(std::string_view text);

/// The path and the query of a request's target, still percent-encoded.
struct target_parts {
  std::string_view path;
  std::string_view query;
};
target_parts split_target(std::string_view target);

/// Decodes `%41`; false when an escape is broken. `+` stays what it is.
bool percent_decode(std::string_view text, std::string& out);

/// The decoded value of the first parameter of that name in a query, where `+` is a space; empty
/// where there is none. An error names it: an escape in its value is broken.
text_result<std::string> query_parameter(std::string_view query, std::string_view name);

} // namespace troupe
