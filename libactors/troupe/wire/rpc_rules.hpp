// Which methods of which services clients may call over the bus: the `[[rpc.allow]]` tables of the
// configuration. Pure; read-only once the server runs.
#pragma once

#include "troupe/wire/identity.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

inline constexpr std::size_t rpc_name_bytes_max = 64;

/// The name of a service or method, which becomes one token of a subject: 1 to 64 of `A-Z a-z 0-9 _
/// -`.
bool valid_rpc_name(std::string_view name);

/// One `[[rpc.allow]]`. Whoever has one of the roles, or the permission, may call. Where there is
/// neither: everybody with a valid token; with `anonymous`, everybody.
struct rpc_rule {
  std::string service;
  std::string method; ///< or `*`: all of them
  std::vector<std::string> roles{};
  std::string permission{}; ///< or empty
  bool anonymous = false;
  std::uint32_t per_minute = 60; ///< calls of one caller; 0: any number
  std::chrono::milliseconds timeout{5'000};

  bool lets(const identity* who) const;
};

class rpc_rules {
public:
  rpc_rules() = default;
  explicit rpc_rules(std::vector<rpc_rule> rules) : rules_(std::move(rules)) {}

  /// The first rule for this method that lets `who` (or null: anonymous) call it; or null. It lives
  /// as long as this.
  const rpc_rule* find(std::string_view service, std::string_view method,
                       const identity* who) const;

  const std::vector<rpc_rule>& all() const { return rules_; }

private:
  std::vector<rpc_rule> rules_;
};

} // namespace troupe
