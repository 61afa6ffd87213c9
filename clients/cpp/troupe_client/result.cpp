#include "troupe_client/result.hpp"

#include <array>

namespace troupe_client {

namespace {

struct named {
  errc code;
  std::string_view name;
};

constexpr std::array names{
  named{errc::bad_json, "bad_json"},
  named{errc::bad_request, "bad_request"},
  named{errc::unknown_type, "unknown_type"},
  named{errc::invalid_name, "invalid_name"},
  named{errc::insufficient_permissions, "insufficient_permissions"},
  named{errc::rate_limited, "rate_limited"},
  named{errc::limit_exceeded, "limit_exceeded"},
  named{errc::not_in_room, "not_in_room"},
  named{errc::not_found, "not_found"},
  named{errc::timeout, "timeout"},
  named{errc::unavailable, "unavailable"},
  named{errc::internal, "internal"},
  named{errc::connection_lost, "connection_lost"},
  named{errc::offline, "offline"},
  named{errc::too_many_waiting, "too_many_waiting"},
  named{errc::closed, "closed"},
  named{errc::aborted, "aborted"},
};

class troupe_category : public std::error_category {
public:
  const char* name() const noexcept override { return "troupe"; }
  std::string message(int code) const override {
    return std::string(name_of(static_cast<errc>(code)));
  }
};

} // namespace

const std::error_category& category() noexcept {
  static const troupe_category one;
  return one;
}

std::string_view name_of(errc code) noexcept {
  for (const auto& each : names)
    if (each.code == code)
      return each.name;
  return "other";
}

errc errc_of(std::string_view name) noexcept {
  for (const auto& each : names)
    if (each.name == name)
      return each.code;
  return errc::other;
}

void throw_exception_from_error(const failure& why, const boost::source_location&) {
  throw std::system_error(make_error_code(why.code), why.message);
}

} // namespace troupe_client
