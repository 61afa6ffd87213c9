// Which web pages may call the HTTP API from a browser (Fetch standard, "CORS protocol"): those of
// the origins that may open WebSockets. Pure.
//
// The page sends its key or token itself, and no cookies are in use: credentials are never allowed,
// and the answer names one origin, not `*`.
#pragma once

#include "server/net/http.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// The fields that let the page that sent a request with this header, or what has come of it, read
/// the answer; none where it may not, or it was no page. They belong to every answer to a path
/// that `is_for_pages`, and to every error, wherever it was made: before the request was whole, or
/// its path known.
http_fields cors_fields(const std::vector<std::string>& allowed, const http_header& header);

/// Whether the path is the API's.
bool is_for_pages(const http_header& header);

/// The answer to a browser that asks before it sends the real request; nothing for other requests.
/// `cors_fields` are to be added.
std::optional<http_response> preflight_response(const std::vector<std::string>& allowed,
                                                const http_request& request);

} // namespace troupe
