#include "troupe/wire/server_events.hpp"

namespace troupe::events {

error refusal(const troupe::error& why, request_id id) {
  error out{.code = std::string(to_string(why.code)), .message = why.message, .id = std::move(id)};
  (why.kind == audience_kind::room ? out.room : out.topic) = why.name;
  if (why.retry_after.count() > 0)
    out.retry_after_ms = static_cast<std::uint64_t>(why.retry_after.count());
  return out;
}

disconnect closing(close_code code, std::string_view reason, std::chrono::milliseconds after) {
  return {static_cast<std::uint64_t>(code), std::string(reason), reconnects(code),
          static_cast<std::uint64_t>(after.count())};
}

} // namespace troupe::events
