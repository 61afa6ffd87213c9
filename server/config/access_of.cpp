#include "server/config/access_of.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

std::optional<namespace_rule> inbox_namespace(const config& settings) {
  constexpr std::uint32_t messages = 100;
  const auto& inbox = settings.server.inbox;
  const auto has_it = [&](const namespace_rule& each) {
    return std::ranges::find(each.patterns, inbox) != each.patterns.end();
  };
  if (inbox.empty() || std::ranges::any_of(settings.namespaces, has_it))
    return std::nullopt;
  namespace_rule out;
  out.patterns = {inbox};
  for (const auto what : {action::subscribe, action::history})
    out.grants[static_cast<std::size_t>(what)].general = grant::to::authenticated;
  out.history_messages = messages;
  out.history_age = std::chrono::hours(24);
  return out;
}

access_rules access_of(const config& settings) {
  std::vector<namespace_rule> all;
  if (auto inbox = inbox_namespace(settings))
    all.push_back(*std::move(inbox));
  const bool open = settings.namespaces.empty();
  all.insert(all.end(), settings.namespaces.begin(), settings.namespaces.end());
  return access_rules(std::move(all), open);
}

} // namespace troupe
