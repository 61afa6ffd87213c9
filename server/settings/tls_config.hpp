// What the server is told about TLS: `[tls]`. config.def says what each member means. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

enum class tls_version : std::uint8_t { v1_2, v1_3 };

inline constexpr std::array<std::string_view, 2> tls_version_names{"1.2", "1.3"};

struct tls_config {
  std::string certificate_file; ///< with those between it and the root; empty: no TLS
  std::string key_file;
  tls_version min_version = tls_version::v1_2;
  std::uint16_t port = 0; ///< 0: only `server.port`, where TLS is known by its first byte
  bool required = false;

  bool wanted() const { return !certificate_file.empty(); }
};

} // namespace troupe
