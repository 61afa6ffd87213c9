#include "troupe/bus/bus_publisher.hpp"

#include "troupe/bus/caller_headers.hpp"

#include <caf/send.hpp>

namespace troupe {

namespace {

// Services listen at SERVICE.rpc.METHOD and SERVICE.async.METHOD. Where the second token comes from
// a hole it must be neither: a client would call services by the name of a room.
bool calls_a_service(const publish_rule& rule, std::string_view subject) {
  const auto first = subject.find('.');
  const auto fixed = rule.subject.head();
  if (first == std::string_view::npos || fixed.find('.', first + 1) != std::string_view::npos)
    return false;
  const auto second = subject.substr(first + 1, subject.find('.', first + 1) - first - 1);
  return !rule.subject.fixed() && (second == "rpc" || second == "async");
}

} // namespace

event_tap make_bus_publisher(const server_context& context, std::vector<publish_rule> rules) {
  return [&context, rules = std::move(rules)](const tapped_event& event) {
    std::string subject;
    for (const auto& rule : rules) {
      if (!subject_of(rule, event, subject))
        continue;
      if (!valid_subject(subject) || calls_a_service(rule, subject)) {
        context.metrics.bridge.not_published.add();
        continue;
      }
      context.metrics.bridge.published.add();
      auto payload = event.frame.empty() ? life_cycle_payload(event, context.observers.now())
                                         : std::string(event.frame);
      bus_headers headers;
      if (!event.connection.empty())
        headers = caller_headers(event.connection, event.who);
      caf::anon_send(context.routes.bus, bus_publish{std::move(subject), std::move(payload),
                                                     std::move(headers), event.credit});
      subject.clear();
    }
  };
}

} // namespace troupe
