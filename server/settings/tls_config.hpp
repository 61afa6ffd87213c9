// What the server is told about TLS: `[tls]`. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

enum class tls_version : std::uint8_t { v1_2, v1_3 };

inline constexpr std::array<std::string_view, 2> tls_version_names{"1.2", "1.3"};

struct tls_config {
  /// PEM files: the server's certificate with those between it and the root, and its private key.
  /// Both empty: no TLS.
  std::string certificate_file;
  std::string key_file;

  tls_version min_version = tls_version::v1_2;

  /// A port for TLS alone; 0: none beside `server.port`, where TLS is known by its first byte.
  std::uint16_t port = 0;

  /// Plain HTTP is refused.
  bool required = false;

  bool wanted() const { return !certificate_file.empty(); }
};

} // namespace troupe
