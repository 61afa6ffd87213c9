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

/// The fields that let the page that sent `request` read the answer; none where it may not, or it
/// was no page.
std::vector<std::pair<std::string, std::string>>
cors_fields(const std::vector<std::string>& allowed, const http_request& request);

/// The answer to a browser that asks before it sends the real request; nothing for other requests.
std::optional<http_response> preflight_response(const std::vector<std::string>& allowed,
                                                const http_request& request);

} // namespace troupe
