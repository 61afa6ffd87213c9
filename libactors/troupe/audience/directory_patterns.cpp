// The patterns by which anybody listens to topics: how many there are, whose they are, and behind
// which children their listeners are. Every loop is told, one after the other, before a listener
// hears that it listens: whatever is published from then on reaches it.
#include "troupe/audience/directory.hpp"

#include <caf/send.hpp>

namespace troupe {

void directory::on_subscribe_pattern(subscribe_pattern& request) {
  const claimant asks{request.connection, request.on};
  auto* known = patterns_.find(request.pattern);
  if (!known) {
    if (auto granted = take_pattern(asks); !granted) {
      caf::anon_send(context_.routes.child_of(request.connection),
                     refuse{audience_kind::topic, std::move(request.pattern), request.connection,
                            request.asked, std::move(granted).error()});
      return;
    }
    known = &patterns_.add(request.pattern);
    known->charged = pattern_shares_.take(asks);
    context_.metrics.patterns = static_cast<std::uint32_t>(patterns_.size());
  }
  const auto child = server_routes::child_number(request.connection);
  const bool first = known->listeners.of(child) == 0;
  known->listeners.add(child);
  caf::anon_send(context_.routes.outlets.front(),
                 spread_pattern{std::move(request.pattern),
                                first ? pattern_news::first : pattern_news::none,
                                request.connection, request.asked, true});
}

void directory::on_unsubscribe_pattern(const unsubscribe_pattern& news) {
  auto* const known = patterns_.find(news.pattern);
  const auto child = server_routes::child_number(news.connection);
  if (!known || known->listeners.of(child) == 0)
    return;
  known->listeners.remove(child);
  if (known->listeners.of(child) > 0)
    return;
  caf::anon_send(context_.routes.outlets.front(),
                 spread_pattern{news.pattern, pattern_news::last, news.connection});
  if (known->listeners.total() > 0)
    return;
  pattern_shares_.give_back(known->charged);
  patterns_.erase(news.pattern);
  context_.metrics.patterns = static_cast<std::uint32_t>(patterns_.size());
}

// Whether there may be one more. None lies idle: it ends with its last listener.
result<> directory::take_pattern(const claimant& asks) {
  if (auto granted = spend_a_name(asks); !granted)
    return granted;
  const auto& bounds = context_.live().bounds;
  auto verdict = pattern_shares_.ask(asks, patterns_.size(), bounds.patterns_max, bounds);
  if (!verdict.refused)
    return {};
  context_.metrics.shares_refused.add(shared_resource::patterns, verdict.by_share ? 1 : 0);
  return fail(*std::move(verdict.refused));
}

} // namespace troupe
