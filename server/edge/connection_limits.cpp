#include "server/edge/connection_limits.hpp"

namespace troupe {

namespace {

struct counted {
  connection_limits::address_admission address;
  user_place place; // of `user`, so it goes after it
  connection_limits::user_admission user;
};

} // namespace

bool connection_limits::socket_comes() {
  return http_sockets_.fetch_add(1, std::memory_order_relaxed) >= bounds().http_sockets_max;
}

std::optional<connection_limits::address_admission>
connection_limits::at_address(const client_address& from, time_point now) {
  const auto most = bounds().connections_per_address_max;
  if (most == 0 || !from.known())
    return address_admission{};
  return addresses_.enter(from.holder(), most, now);
}

std::optional<admission> connection_limits::of_user(address_admission at,
                                                    const std::string& user_id, time_point now) {
  const auto most = bounds().connections_per_user_max;
  const bool users_have_budgets = bounds().user_messages_per_minute > 0;
  const bool counts_user = !user_id.empty() && (most > 0 || users_have_budgets);
  if (!at && !counts_user)
    return admission{};
  const auto held = std::make_shared<counted>();
  held->address = std::move(at);
  if (!counts_user)
    return admission{held};
  auto granted = users_.enter(user_id, most, now, &held->place);
  if (!granted)
    return std::nullopt;
  held->user = std::move(*granted);
  return admission{held, users_have_budgets ? held->user.budget() : nullptr, &held->place};
}

} // namespace troupe
