#include "troupe_client/handles.hpp"

#include "troupe_client/detail/core.hpp"

namespace troupe_client {

hearing handle::listen(listener calls, bool presence) const {
  const auto by = std::make_shared<detail::hearer>();
  by->calls = std::move(calls);
  const auto kind = room_                       ? detail::audience_kind::room
                    : detail::is_pattern(name_) ? detail::audience_kind::pattern
                                                : detail::audience_kind::topic;
  if (const auto core = core_.lock())
    core->post([to = detail::audience_key{kind, name_}, presence, by](detail::core& of) {
      of.listen(to, presence, by);
    });
  else
    by->ended = failure(errc::closed, "the client has ended");
  return {core_, by};
}

detail::outgoing handle::frame_of(const char* type, const char* member, content what) const {
  return {.head = {{"type", type}, {room_ ? "room" : "topic", name_}},
          .member = member,
          .text = std::move(what).take()};
}

detail::outgoing handle::frame_of(const history_page& page) const {
  json out{{"type", "history"}, {room_ ? "room" : "topic", name_}};
  if (page.limit > 0)
    out["limit"] = page.limit;
  if (page.before)
    out["before"] = *page.before;
  if (page.after)
    out["after"] = *page.after;
  return {.head = std::move(out)};
}

detail::outgoing handle::frame_of(const presence_page& page) const {
  json out{{"type", "presence"}, {room_ ? "room" : "topic", name_}};
  if (page.limit > 0)
    out["limit"] = page.limit;
  if (!page.after.empty())
    out["after"] = page.after;
  return {.head = std::move(out)};
}

detail::outgoing handle::frame_of(const char* type, const char* member, content what,
                                  const send_options& with) const {
  auto out = frame_of(type, member, std::move(what));
  auto& head = out.head;
  if (!with.to_role.empty())
    head["to"] = {{"role", with.to_role}};
  if (with.except_me)
    head["except_me"] = true;
  if (with.ttl.count() > 0)
    head["ttl_ms"] = with.ttl.count();
  if (!with.event.empty())
    head["event"] = with.event;
  if (!with.user.empty())
    head["user"] = with.user;
  if (!with.msg_id.empty())
    head["msg_id"] = with.msg_id;
  return out;
}

} // namespace troupe_client
