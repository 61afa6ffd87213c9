// The errors a client can be told and the codes a connection is closed with: errors.def as enums.
// Pure.
#pragma once

#include "troupe/wire/ids.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

enum class errc : std::uint8_t {
#define TROUPE_ERROR(code, message, http_status) code,
#include "troupe/wire/errors.def"
};

/// The `code` field of an error frame.
std::string_view to_string(errc code);

/// What to say when there is nothing more exact to say.
std::string_view default_message(errc code);

/// The status of an HTTP answer with this error.
unsigned http_status(errc code);

/// WebSocket close codes (RFC 6455 section 7.4, protocol table "Close codes").
enum class close_code : std::uint16_t {
#define TROUPE_CLOSE(name, code, reason, reconnect) name = code,
#include "troupe/wire/errors.def"
};

std::string_view default_reason(close_code code);

/// Whether a client should connect again after being closed with `code`.
bool reconnects(close_code code);

/// A request that was not carried out, and why: the field it is about is named in `message`.
struct error {
  errc code = errc::internal;
  std::string message;
  /// When to try again; zero: nothing is said about it.
  std::chrono::milliseconds retry_after{0};
  /// The room or topic it is about; an empty name: none.
  std::string name{};
  audience_kind kind = audience_kind::room;

  error() = default;
  explicit error(errc c) : code(c), message(default_message(c)) {}
  error(errc c, std::string text) : code(c), message(std::move(text)) {}

  /// The same, about a room or topic.
  error about(audience_kind what, std::string its_name) && {
    kind = what;
    name = std::move(its_name);
    return std::move(*this);
  }
};

} // namespace troupe
