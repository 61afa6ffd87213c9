#include "troupe/audience/directory.hpp"

#include "troupe/audience/room.hpp"
#include "troupe/audience/topic.hpp"
#include "troupe/wire/name_page.hpp"

#include <caf/send.hpp>
#include <caf/system_messages.hpp>

namespace troupe {

namespace {

std::string failure_key(audience_kind kind, const std::string& name) {
  return (kind == audience_kind::room ? "r:" : "t:") + name;
}

} // namespace

directory::directory(caf::actor_config& config, event_loop* loop, const server_context& context)
  : placed_actor(config, loop),
    context_(context) {
  set_down_handler([this](caf::down_msg& down) { on_down(down); });
}

directory::behavior_type directory::make_behavior() {
  return {
    [this](enter& request) { on_enter(request); },
    [this](publish& message) { on_publish(message); },
    [this](post& message) { return on_post(message); },
    [this](const open_room& request) { find_or_make(audience_kind::room, request.name); },
    [this](const announce& message) {
      const auto what = encode(events::announcement{message.text, context_.observers.now()});
      for (const auto& outlet : context_.routes.outlets)
        caf::anon_send(outlet, broadcast_all{what});
      return announced{static_cast<std::uint32_t>(context_.routes.outlets.size())};
    },
    [this](const list_rooms& question) { return on_list_rooms(question); },
    [this](list_members& question) { return on_list_members(question); },
    [this](bridged& event) { on_bridged(event); },
    [this](const idle& notice) { on_idle(notice); },
  };
}

void directory::on_exit() {
  for (table* list : {&rooms_, &topics_}) {
    for (auto& [name, who] : *list)
      std::visit([](auto& actor) { caf::anon_send(actor, retire{}); }, who.actor);
    list->clear();
  }
}

void directory::on_enter(enter& request) {
  auto found = find_or_make(request.kind, request.name);
  if (!found) {
    caf::anon_send(context_.routes.child_of(request.connection),
                   refuse{request.kind, std::move(request.name), request.connection, request.asked,
                          std::move(found).error()});
    return;
  }
  auto& who = **found;
  on_the_way_.add({who.audience, ++who.admitted, request.connection, request.asked}, clock().now());
  std::visit(
    [&](auto& actor) {
      caf::anon_send(actor, admit{request.kind, std::move(request.name), request.connection,
                                  request.asked, std::move(request.user), std::move(request.who),
                                  std::move(request.from)});
    },
    who.actor);
}

void directory::on_publish(publish& message) {
  auto found = find_or_make(audience_kind::topic, message.what.topic);
  if (!found) {
    context_.metrics.refused(found.error().code);
    const connection_id from = message.what.connection;
    auto why = std::move(found).error().about(audience_kind::topic, message.what.topic);
    caf::anon_send(context_.routes.child_of(from),
                   unicast{from, share(events::refusal(why, message.what.id))});
  } else
    caf::anon_send(std::get<topic_actor>((*found)->actor), std::move(message));
}

caf::result<posted> directory::on_post(post& message) {
  auto found = find_or_make(message.kind, message.name);
  if (!found)
    return posted{fail(std::move(found).error())};
  return std::visit(
    [&](auto& actor) -> caf::result<posted> { return delegate(actor, std::move(message)); },
    (*found)->actor);
}

room_list directory::on_list_rooms(const list_rooms& question) const {
  name_page page(question.which.after, question.which.limit);
  for (const auto& [name, who] : rooms_)
    page.consider(name);
  room_list out;
  for (const auto name : page.names())
    out.listed.push_back({std::string(name), rooms_.at(std::string(name)).audience});
  out.more = page.more();
  out.rooms = rooms_.size();
  return out;
}

caf::result<member_list> directory::on_list_members(list_members& question) {
  const auto found = rooms_.find(question.room);
  if (found == rooms_.end())
    return member_list{fail(errc::not_found, "No such room")};
  return delegate(std::get<room_actor>(found->second.actor), std::move(question));
}

// A room or topic is not made for an event: nobody would hear it.
void directory::on_bridged(bridged& event) {
  if (event.to == bridge_target::everyone) {
    if (context_.metrics.connections.load(std::memory_order_relaxed) == 0)
      return context_.metrics.bridge.unheard.add();
    const auto what =
      encode(events::user_event{event.type, event.members, context_.observers.now()});
    for (const auto& outlet : context_.routes.outlets)
      caf::anon_send(outlet, broadcast_all{what, event.credit});
    return;
  }
  const auto& list =
    all(event.to == bridge_target::room ? audience_kind::room : audience_kind::topic);
  const auto found = list.find(event.name);
  if (found == list.end())
    return context_.metrics.bridge.unheard.add();
  std::visit([&](const auto& actor) { caf::anon_send(actor, std::move(event)); },
             found->second.actor);
}

result<directory::entry*> directory::find_or_make(audience_kind kind, const std::string& name) {
  auto& list = all(kind);
  if (const auto place = list.find(name); place != list.end())
    return &place->second;
  const auto most = kind == audience_kind::room ? context_.live().bounds.rooms_max
                                                : context_.live().bounds.topics_max;
  if (list.size() >= most)
    return fail(errc::limit_exceeded,
                kind == audience_kind::room ? "Too many rooms" : "Too many topics");
  const auto failed = failed_.find(failure_key(kind, name));
  if (failed != failed_.end() && failed->second.waits(clock().now()))
    return fail(errc::unavailable);
  auto* const made = &(list[name] = make(kind, name));
  count_entries();
  return made;
}

directory::entry directory::make(audience_kind kind, const std::string& name) {
  const audience_id audience{next_audience_++};
  event_loop* const loop = context_.routes.loop_of(kind, name);
  entry made;
  made.audience = audience;
  auto keep = [&](auto actor) {
    monitor(actor);
    names_.emplace(actor.id(), audience_name{kind, name});
    made.actor = std::move(actor);
  };
  if (kind == audience_kind::room)
    keep(spawn_placed<room>(system(), loop, context_, name, audience));
  else
    keep(spawn_placed<topic>(system(), loop, context_, name, audience));
  return made;
}

void directory::on_idle(const idle& notice) {
  auto& list = all(notice.kind);
  const auto place = list.find(notice.name);
  if (place == list.end() || place->second.audience != notice.audience ||
      place->second.admitted != notice.admitted)
    return;
  std::visit(
    [this](auto& actor) {
      names_.erase(actor.id());
      demonitor(actor.address());
      caf::anon_send(actor, retire{});
    },
    place->second.actor);
  list.erase(place);
  count_entries();
}

// Whoever was in it is told by its outlet; whoever was on the way, and was not answered any more, in
// answer to its request.
void directory::on_down(const caf::down_msg& down) {
  const auto found = names_.find(down.source.id());
  if (found == names_.end())
    return;
  const audience_name lost = std::move(found->second);
  names_.erase(found);
  auto& list = all(lost.kind);
  const auto place = list.find(lost.name);
  if (place == list.end())
    return;
  const audience_id audience = place->second.audience;
  list.erase(place);
  count_entries();
  remember_failure(failure_key(lost.kind, lost.name));
  for (const auto& outlet : context_.routes.outlets)
    caf::anon_send(
      outlet,
      dissolve{audience, error{errc::internal, lost.name + " has failed; enter it again"}.about(
                           lost.kind, lost.name)});
  if (const auto answered = audience_host::answered_by(down.reason))
    on_the_way_.for_each_behind(audience, *answered, [&](const recent_admits::one& who) {
      caf::anon_send(
        context_.routes.child_of(who.connection),
        refuse{lost.kind, lost.name, who.connection, who.asked, error{errc::unavailable}});
    });
}

void directory::count_entries() const {
  context_.metrics.rooms = static_cast<std::uint32_t>(rooms_.size());
  context_.metrics.topics = static_cast<std::uint32_t>(topics_.size());
}

void directory::remember_failure(const std::string& key) {
  constexpr std::size_t remembered_max = 1024;
  const auto now = clock().now();
  if (failed_.size() >= remembered_max)
    std::erase_if(failed_, [&](const auto& each) { return each.second.forgotten(now); });
  if (failed_.size() < remembered_max || failed_.contains(key))
    failed_[key].failed(now);
}

} // namespace troupe
