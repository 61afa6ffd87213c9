// Where a client connects to: a URL taken apart, and the target of each attempt. Pure.
#pragma once

#include "troupe_client/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe_client::detail {

struct endpoint {
  bool tls = false;
  std::string host{}; ///< of an IPv6 address without its brackets
  std::string port{};
  std::string path = "/ws";
  std::string query{}; ///< as it was written, without the `?`

  /// From 1 to 65535; 0: it is none.
  std::uint16_t port_number() const;
  /// As a `Host` header has it.
  std::string authority() const;
  /// The room that the path leads into; empty where it leads into none.
  std::string room() const;
};

/// Of `ws://HOST[:PORT][/PATH][?QUERY]` or `wss://`.
std::optional<endpoint> parse_endpoint(std::string_view url);

/// Path and query of an attempt; parameters that are empty are left out.
class target {
public:
  explicit target(const endpoint& to);
  target& with(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

private:
  std::string text_;
  char separator_;
};

} // namespace troupe_client::detail
