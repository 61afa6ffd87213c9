#include "troupe/bus_publisher.hpp"

#include "troupe/caller_headers.hpp"

#include <caf/send.hpp>

namespace troupe {

event_tap make_bus_publisher(const house& here, std::vector<publish_rule> rules) {
  return [&here, rules = std::move(rules)](const tapped_event& event) {
    std::string subject;
    for (const auto& rule : rules) {
      if (!subject_of(rule, event, subject))
        continue;
      if (!valid_subject(subject)) {
        here.bridge.not_published.add();
        continue;
      }
      here.bridge.published.add();
      auto payload = event.frame.empty() ? life_cycle_payload(event, here.epoch, here.now())
                                         : std::string(event.frame);
      bus_headers headers;
      if (event.connection != no_connection)
        headers = caller_headers(here.epoch, event.connection, event.who);
      caf::anon_send(here.bus, bus_publish{std::move(subject), std::move(payload),
                                           std::move(headers), event.on_its_way});
      subject.clear();
    }
  };
}

} // namespace troupe
