#include "troupe/topic.hpp"

#include "troupe/server_frames.hpp"

#include <caf/send.hpp>

namespace troupe {

topic::topic(caf::actor_config& config, event_loop* loop, const house& here, std::string name,
             audience_id audience)
  : placed_actor(config, loop),
    host_(here, audience_kind::topic, std::move(name), audience),
    recent_(here.bounds.msg_ids_per_topic_max) {
  report_exceptions(here.report, "topic " + host_.name());
}

topic::behavior_type topic::make_behavior() {
  watch_idleness();
  return {
    [this](const admit& request) { on_admit(request); },
    [this](const leave& message) { on_out(message.connection); },
    [this](const publish& message) { on_publish(message); },
    [this](const post& message) {
      return posted{place(message.event, message.content, message.msg_id, {})};
    },
    [this](const gone& message) { on_out(message.connection); },
    [this](const tick& timer) {
      if (timer.timer != idle_watch_ || !host_.members().empty())
        return;
      caf::anon_send(host_.here().directory, host_.idle_notice());
      watch_idleness();
    },
    [this](const retire&) { quit(); },
  };
}

void topic::on_admit(const admit& request) {
  host_.count_admitted();
  host_.enroll_member(request, topic_actor{this});
}

void topic::on_out(connection_id connection) {
  member who;
  if (host_.remove_member(connection, who) && host_.members().empty())
    watch_idleness();
}

void topic::on_publish(const publish& message) {
  const position at = place(message.event, message.data, message.msg_id, message.on_its_way);
  host_.send_one(message.connection, server_frames::published(host_.name(), at, message.id));
}

// Gives a publication its place and sends it, or finds the place it has got already.
position topic::place(const std::string& event, const std::string& data, const std::string& msg_id,
                      const permit& on_its_way) {
  position at = host_.at();
  if (const auto* repeated = msg_id.empty() ? nullptr : recent_.find(msg_id)) {
    at.offset = *repeated;
    return at;
  }
  at.offset = host_.take_offset();
  if (!msg_id.empty())
    recent_.remember(msg_id, at.offset);
  if (host_.members().empty())
    watch_idleness();
  else
    host_.send_all(
      server_frames::publication(event, host_.name(), data, host_.here().now(), at.offset),
      no_connection, on_its_way);
  return at;
}

void topic::watch_idleness() {
  delayed_send(this, host_.here().bounds.topic_idle_timeout, tick{++idle_watch_});
}

} // namespace troupe
