// How a message is to be delivered, where whoever says it wants it otherwise than to all who
// listen: the fields `to`, `except_me` and `ttl_ms`. Pure.
#pragma once

#include <chrono>
#include <string>

namespace troupe {

struct delivery_options {
  std::string role{};               ///< only for who has it; then it has no offset. Empty: for all
  bool except_me = false;           ///< not for the connection that says it
  std::chrono::milliseconds ttl{0}; ///< nobody gets it later than this; 0: it has all its time

  bool for_some() const { return !role.empty(); }
};

/// Of a client: all three. `In`, here and below, is `request_fields` or `field_notes`.
template <class In>
delivery_options read_delivery_options(In& in);
/// Of a service, which is no listener: without `except_me`.
template <class In>
delivery_options read_service_options(In& in);

} // namespace troupe
