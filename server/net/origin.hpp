// Which web pages may connect: the allow list of origins (RFC 6454) and what it says. Pure.
//
// A browser names the page's origin in every WebSocket handshake and lets no script change it. That
// keeps other sites' pages out; it says nothing about clients that are no browsers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Whether `allowed` lets in a request with this `Origin` (empty: it has none) and this `Host`.
///
/// Nothing listed: everybody. Else one of the entries must fit:
///   `https://app.example:8443`  that scheme, host and port (443 and 80 need not be written)
///   `app.example`               that host, any scheme and port
///   `*.example.com`             any host below it, not `example.com` itself; a scheme may go
///   before `self`                      the host and port that the request itself was sent to
///   `none`                      requests without an origin: programs that are no browsers
///   `null`                      pages without an origin of their own: files, sandboxed frames
///   `*`                         every request with an origin
bool origin_allowed(const std::vector<std::string>& allowed, std::string_view origin,
                    std::string_view host);

/// Whether `entry` is one of the above.
bool valid_origin_entry(std::string_view entry);

} // namespace troupe
