#include "troupe/audience/directory.hpp"

#include "troupe/audience/room.hpp"
#include "troupe/audience/topic.hpp"

#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>

namespace troupe {

namespace {

// Each time a large table is laid out anew, all wait: it happens once, before it is large.
template <class Table>
void grow_once(Table& table, std::uint64_t most) {
  constexpr std::size_t small = 1'000;
  constexpr std::uint64_t reserved_max = 1'000'000;
  if (table.size() == small)
    table.reserve(std::min(most, reserved_max));
}

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
    [this](subscribe_pattern& request) { on_subscribe_pattern(request); },
    [this](const unsubscribe_pattern& news) { on_unsubscribe_pattern(news); },
    [this](publish& message) { on_publish(message); },
    [this](post& message) { return on_post(message); },
    [this](const open_room& request) {
      if (const auto made = find_or_make(audience_kind::room, request.name))
        pass_through(rooms_, **made);
    },
    [this](const announce& message) {
      const auto what = encode(events::announcement{message.text, context_.observers.now()});
      for (const auto& outlet : context_.routes.outlets)
        caf::anon_send(outlet, broadcast_all{what});
      return announced{static_cast<std::uint32_t>(context_.routes.outlets.size())};
    },
    [this](const list_audiences& question) { return on_list_audiences(question); },
    [this](describe_audience& question) { return on_describe(question); },
    [this](presence_request& request) { on_presence_request(request); },
    [this](read_presence& question) { return on_read_presence(question); },
    [this](moderate& word) { return on_moderate(word); },
    [this](bridged& event) { on_bridged(event); },
    [this](const departed& news) { on_departure(news); },
    [this](const idle& notice) { on_idle(notice); },
  };
}

void directory::on_exit() {
  for (names* all : {&rooms_, &topics_}) {
    for (auto& [name, who] : all->entries)
      std::visit([](auto& actor) { caf::anon_send(actor, retire{}); }, who.actor);
    all->entries.clear();
  }
}

void directory::on_enter(enter& request) {
  auto found = find_or_make(request.kind, request.name, {request.connection, request.on});
  if (!found) {
    caf::anon_send(context_.routes.child_of(request.connection),
                   refuse{request.kind, std::move(request.name), request.connection, request.asked,
                          std::move(found).error()});
    return;
  }
  auto& who = (*found)->second;
  all(request.kind).shared.withdraw(who.charged);
  on_the_way_.add({who.audience, ++who.admitted, request.connection, request.asked}, clock().now());
  std::visit(
    [&](auto& actor) {
      caf::anon_send(actor,
                     admit{request.kind, std::move(request.name), request.connection, request.asked,
                           std::move(request.user), std::move(request.who), std::move(request.from),
                           std::move(request.since), request.follows});
    },
    who.actor);
}

result<directory::table::value_type*>
directory::find_or_make(audience_kind kind, const std::string& name, const claimant& asks) {
  auto& list = all(kind).entries;
  if (const auto place = list.find(name); place != list.end())
    return &*place;
  const auto failed = failed_.find(failure_key(kind, name));
  if (failed != failed_.end() && failed->second.waits(clock().now()))
    return fail(errc::unavailable);
  if (auto granted = take_place(kind, asks); !granted)
    return fail(std::move(granted).error());
  auto* const made = &*list.emplace(name, make(kind, name, asks)).first;
  const auto& bounds = context_.live().bounds;
  grow_once(list, kind == audience_kind::room ? bounds.rooms_max : bounds.topics_max);
  grow_once(names_, bounds.rooms_max + bounds.topics_max);
  count_entries();
  return made;
}

// It is used by somebody who does not stay. Where nobody has ever been, it lies idle all the same.
void directory::pass_through(names& of, table::value_type& to) {
  if (to.second.admitted == 0)
    of.shared.offer(to.second.charged, &to.first);
  else
    of.shared.touch(to.second.charged);
}

result<> directory::spend_a_name(const claimant& asks) {
  if (asks.connection == no_connection)
    return {};
  const auto& bounds = context_.live().bounds;
  const auto allowed = rate::per_minute(bounds.names_made_per_minute, bounds.names_made_burst());
  const auto wait = making_.take(asks.connection, allowed, clock().now());
  if (wait <= gcra::duration::zero())
    return {};
  error too_fast{errc::rate_limited, "Too many new rooms and topics"};
  too_fast.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
  return fail(std::move(too_fast));
}

// Whether there may be one more. What lies idle makes room for it where it has to.
result<> directory::take_place(audience_kind kind, const claimant& asks) {
  if (auto granted = spend_a_name(asks); !granted)
    return granted;
  const auto& bounds = context_.live().bounds;
  auto& of = all(kind);
  const auto most = kind == audience_kind::room ? bounds.rooms_max : bounds.topics_max;
  while (true) {
    const auto verdict = of.shared.ask(asks, of.entries.size(), most, bounds);
    if (verdict.refused) {
      context_.metrics.shares_refused.add(of.kind, verdict.by_share ? 1 : 0);
      return fail(*verdict.refused);
    }
    if (!verdict.yields)
      return {};
    context_.metrics.shares_yielded.add(of.kind);
    end(of, of.entries.find(**verdict.yields));
  }
}

directory::entry directory::make(audience_kind kind, const std::string& name,
                                 const claimant& asks) {
  const audience_id audience{next_audience_++};
  event_loop* const loop = context_.routes.loop_of(kind, name);
  const founding from{kind, name, audience, asks};
  entry made;
  made.audience = audience;
  made.charged = all(kind).shared.take(asks);
  auto keep = [&](auto actor) {
    monitor(actor);
    names_.emplace(actor.id(), audience_name{kind, name});
    made.actor = std::move(actor);
  };
  if (kind == audience_kind::room)
    keep(spawn_placed<room>(system(), loop, context_, from, forbidden_.of(name)));
  else
    keep(spawn_placed<topic>(system(), loop, context_, from));
  return made;
}

void directory::on_idle(const idle& notice) {
  auto& of = all(notice.kind);
  const auto place = of.entries.find(notice.name);
  if (place == of.entries.end() || place->second.audience != notice.audience ||
      place->second.admitted != notice.admitted)
    return;
  if (notice.spare)
    of.shared.offer(place->second.charged, &place->first);
  else
    end(of, place);
}

void directory::end(names& of, table::iterator which) {
  std::visit([](auto& actor) { caf::anon_send(actor, retire{}); }, which->second.actor);
  let_go(of, which);
}

// It ends by itself, and the name is free.
void directory::let_go(names& of, table::iterator which) {
  std::visit(
    [this](auto& actor) {
      names_.erase(actor.id());
      demonitor(actor.address());
    },
    which->second.actor);
  of.shared.give_back(which->second.charged);
  of.entries.erase(which);
  count_entries();
}

// Whoever was in it is told by its outlet; whoever was on the way, and was not answered any more,
// in answer to its request.
void directory::on_down(const caf::down_msg& down) {
  const auto found = names_.find(down.source.id());
  if (found == names_.end())
    return;
  const audience_name lost = std::move(found->second);
  names_.erase(found);
  auto& of = all(lost.kind);
  const auto place = of.entries.find(lost.name);
  if (place == of.entries.end())
    return;
  const audience_id audience = place->second.audience;
  of.shared.give_back(place->second.charged);
  of.entries.erase(place);
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
  context_.metrics.rooms = static_cast<std::uint32_t>(rooms_.entries.size());
  context_.metrics.topics = static_cast<std::uint32_t>(topics_.entries.size());
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
