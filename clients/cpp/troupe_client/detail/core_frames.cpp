// What becomes of a frame: an answer to a request, something about a room or topic, or about the
// connection.
#include "troupe_client/detail/core.hpp"
#include "troupe_client/detail/members.hpp"
#include "troupe_client/detail/reading.hpp"

#include <cstdio>
#include <exception>

namespace troupe_client::detail {

void core::report(const std::string& what) {
  if (!tell_.error) {
    std::fprintf(stderr, "troupe client: %s\n", what.c_str());
    return;
  }
  try {
    tell_.error(what);
  } catch (...) { // there is nobody left to tell
  }
}

template <class Call, class... What>
void core::call(const Call& user, const What&... what) {
  if (!user)
    return;
  try {
    user(what...);
  } catch (const std::exception& thrown) {
    report(std::string("a listener threw: ") + thrown.what());
  } catch (...) {
    report("a listener threw");
  }
}

template void core::call(const std::function<void(const state&)>&, const state&);
template void core::call(const std::function<void(const failure&)>&, const failure&);
template void core::call(const std::function<void(const standing&)>&, const standing&);
template void core::call(const std::function<void(const frame_ptr&)>&, const frame_ptr&);

void core::take_text(std::string_view text) {
  watchdog_.heard(clock::now());
  if (closing_)
    return;
  auto what = std::make_shared<frame>();
  what->content = read_json(text);
  if (!what->content.is_object())
    return take_unreadable(text);
  what->text = text;
  try {
    take(what);
  } catch (const json::exception& wrong) {
    report(std::string("the server has sent what is no frame: ") + wrong.what());
  }
}

void core::take_unreadable(std::string_view text) {
  report("the server has sent what is no frame");
  const auto id = answered_by(text);
  if (auto asked = id ? requests_.take(*id) : std::nullopt) {
    mind_deadlines();
    asked->then(failure(errc::bad_json, "the answer cannot be read"));
  }
}

void core::take(const frame_ptr& what) {
  const auto type = what->type();
  if (type == "connection")
    return opened(*what);
  if (type == "authenticated")
    authenticated(*what);
  if (take_answer(what) || type == "authenticated" || type == "ping" || type == "pong")
    return;
  if (type == "disconnect")
    goodbye_ = what->content;
  else
    take_unasked(what);
}

bool core::take_answer(const frame_ptr& what) {
  const auto id = what->content.find("id");
  if (id == what->content.end() || !id->is_number_unsigned() || !is_answer(what->type()))
    return false;
  const auto asked = requests_.take(id->get<std::uint64_t>());
  if (!asked)
    return true; // taken back, or too late
  mind_deadlines();
  // Each topic of a refused `subscribe` has a reason of its own.
  if (what->type() == "error" && !what->content.contains("refused"))
    asked->then(failure_in(what->content));
  else
    asked->then(what);
  return true;
}

audience_ptr core::audience_of(const frame& what) const {
  if (const auto room = what.text_of("room"); !room.empty())
    return audiences_.find({audience_kind::room, std::string(room)});
  if (const auto topic = what.text_of("topic"); !topic.empty())
    return audiences_.find({audience_kind::topic, std::string(topic)});
  return nullptr;
}

void core::take_unasked(const frame_ptr& what) {
  const auto type = what->type();
  if (type == "error")
    return take_error(what);
  if (type == "left" || type == "unsubscribed") {
    if (const auto room = audience_of(*what)) {
      const auto why = what->text_of("reason");
      end(*room, {errc::not_in_room, why.empty() ? "the server has put us out" : std::string(why)});
    }
    if (const auto topics = what->content.find("topics"); topics != what->content.end())
      for (const auto& each : *topics)
        for (const auto kind : {audience_kind::topic, audience_kind::pattern})
          if (const auto topic = audiences_.find({kind, each.get<std::string>()}))
            end(*topic, {errc::insufficient_permissions, "this may not be heard any more"});
    return;
  }
  if (type == "subscribed") { // the user's inbox
    const auto positions = what->content.value("positions", json::object());
    for (const auto& [name, where] : positions.items())
      if (const auto topic = audiences_.find({audience_kind::topic, name}))
        confirm(*topic, where);
    return;
  }
  deliver(what);
}

// An `error` that answers nothing: of a room that has failed, or beside what else is told.
void core::take_error(const frame_ptr& what) {
  const auto why = failure_in(what->content);
  const auto about = audience_of(*what);
  if (about && why.code == errc::internal)
    return refused(*about, why);
  if (about)
    pass(*about, what);
  else
    call(tell_.frame, what);
}

void core::deliver(const frame_ptr& what) {
  if (const auto room = what->text_of("room"); !room.empty()) {
    if (const auto here = audience_of(*what); here && here->is == audience::stage::in)
      pass(*here, what);
    return;
  }
  const std::string topic(what->text_of("topic"));
  if (topic.empty() || what->type() == "notification")
    call(tell_.frame, what);
  if (!topic.empty())
    deliver_topic(topic, what);
}

void core::deliver_topic(const std::string& topic, const frame_ptr& what) {
  // A topic that is not confirmed again has not got what it missed: a frame that comes for the sake
  // of a pattern is behind that.
  const auto here = audiences_.find({audience_kind::topic, topic});
  if (here && here->is == audience::stage::in && !pass(*here, what))
    return;
  for (const auto& pattern : audiences_.patterns_of(topic))
    for (const auto& each : std::vector(pattern->hearers))
      if (each->alive)
        call(what->type() == "gap" ? each->calls.gap : each->calls.heard, what);
}

// False when it has been here before.
bool core::pass(audience& to, const frame_ptr& what) {
  const auto keep = to.shared_from_this();
  const auto type = what->type();
  const auto tell = [this, hearers = to.hearers](auto listener::*which, const auto& with) {
    for (const auto& each : hearers)
      if (each->alive)
        call(each->calls.*which, with);
  };
  if (type == "position") {
    to.at.stand({std::string(what->text_of("epoch")), what->offset()});
    tell(&listener::position, standing{flag_in(what->content, "recovered"), to.at.at()});
    return true;
  }
  if (type == "gap") {
    if (what->has_offset() && !to.at.skip(what->offset()))
      return false;
    tell(&listener::gap, what);
    return true;
  }
  if (what->has_offset() && type != "presence" && type != "history") {
    std::optional<std::uint64_t> prev;
    if (const auto found = what->content.find("prev");
        found != what->content.end() && found->is_number_unsigned())
      prev = found->get<std::uint64_t>();
    const auto verdict = to.at.take(what->offset(), prev);
    if (!verdict.deliver)
      return false;
    if (verdict.missing) {
      auto hole = std::make_shared<frame>();
      hole->content = {{"type", "gap"},
                       {to.key.member(), to.key.name},
                       {"dropped", *verdict.missing},
                       {"offset", prev.value_or(what->offset() - 1)}};
      hole->text = hole->content.dump();
      tell(&listener::gap, frame_ptr(hole));
    }
  }
  tell(&listener::heard, what);
  return true;
}

} // namespace troupe_client::detail
