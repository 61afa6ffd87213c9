// What somebody may have meant who asked for a path that is not there: so the answer can say it.
// Pure.
#pragma once

#include "server/net/routes.hpp"

#include <span>
#include <string>
#include <string_view>

namespace troupe {

/// A path that is there, as people write it: `/chat/{room}`, where braces stand for anything.
struct known_path {
  std::string_view shown;
  methods allowed = methods::get;
};

/// The nearest of `known`, and of equally near ones one that takes `method`; empty when none is.
std::string_view nearest_path(std::string_view path, boost::beast::http::verb method,
                              std::span<const known_path> known);

/// Whether a path is called as other servers call theirs for WebSockets.
bool sounds_like_websockets(std::string_view path);

} // namespace troupe
