#include "troupe/audience/topic.hpp"

#include "troupe/wire/server_frames.hpp"

#include <caf/send.hpp>

namespace troupe {

topic::topic(caf::actor_config& config, event_loop* loop, const server_context& server,
             std::string name, audience_id audience)
  : placed_actor(config, loop),
    host_(server, audience_kind::topic, std::move(name), audience),
    recent_(server.live().bounds.msg_ids_per_topic_max),
    idle_(server.live().bounds.topic_idle_timeout) {
  report_exceptions(server.observers.report, "topic " + host_.name());
}

topic::behavior_type topic::make_behavior() {
  watch_idleness();
  return {
    [this](const admit& request) { on_admit(request); },
    [this](const leave& message) { on_out(message.connection, message.asked); },
    [this](const publish& message) { on_publish(message); },
    [this](post& message) {
      return posted{place({host_.name(), std::move(message.event), std::move(message.content),
                           std::move(message.msg_id), no_connection, request_id{}},
                          {})};
    },
    [this](const bridged& event) { on_bridged(event); },
    [this](const gone& message) { on_out(message.connection, message.asked); },
    [this](const tick&) { on_idle_timer(); },
    [this](const retire&) { quit(); },
  };
}

void topic::on_admit(const admit& request) {
  host_.count_admitted();
  host_.enroll_member(request, topic_actor{this});
}

void topic::on_out(connection_id connection, ticket asked) {
  member who;
  if (host_.remove_member(connection, asked, who) && host_.members().empty())
    watch_idleness();
}

void topic::on_publish(const publish& message) {
  const publication& what = message.what;
  const position at = place(what, message.credit);
  host_.send_one(what.connection, server_frames::published(host_.name(), at, what.id));
}

// Gives a publication its place and sends it, or finds the place it has got already.
position topic::place(const publication& message, const troupe::credit& credit) {
  const auto& msg_id = message.msg_id;
  position at = host_.at();
  if (const auto* repeated = msg_id.empty() ? nullptr : recent_.find(msg_id)) {
    at.offset = *repeated;
    return at;
  }
  at.offset = host_.take_offset();
  if (!msg_id.empty())
    recent_.remember(msg_id, at.offset);
  const auto& tap = host_.server().observers.tap;
  const bool heard = !host_.members().empty();
  if (!heard)
    watch_idleness();
  if (!heard && !tap)
    return at;
  const auto frame = server_frames::publication(message.event, host_.name(), message.data,
                                                host_.server().observers.now(), at.offset);
  if (heard)
    host_.send_all(frame, no_connection, credit);
  if (tap)
    tap({tapped_event::kind::publication, host_.name(), frame->payload(), message.from,
         message.who.get(), credit});
  return at;
}

// What came from a bus is not told to the tap, or it would go back to where it came from. Where
// nobody listens it keeps nothing alive.
void topic::on_bridged(const bridged& event) {
  const auto offset = host_.take_offset();
  if (!host_.members().empty())
    return host_.send_all(server_frames::topic_event(event.type, host_.name(), event.members,
                                                     host_.server().observers.now(), offset),
                          no_connection, event.credit);
  host_.server().metrics.bridge.unheard.add();
}

void topic::watch_idleness() {
  if (const auto time = idle_.touch(clock().now()); time > time.zero())
    delayed_send(this, time, tick{});
}

void topic::on_idle_timer() {
  if (!host_.members().empty())
    return idle_.stop();
  if (const auto left = idle_.fired(clock().now()); left > left.zero())
    return delayed_send(this, left, tick{});
  caf::anon_send(host_.server().routes.directory, host_.idle_notice());
  watch_idleness();
}

} // namespace troupe
