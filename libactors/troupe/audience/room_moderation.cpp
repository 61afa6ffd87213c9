// What operators do in a room: mute, put out, close.
#include "troupe/audience/room.hpp"

namespace troupe {

// The directory has remembered what is to hold here.
moderated room::on_moderate(const moderate& word) {
  const room_subject whom{word.user, word.connection};
  const auto now = context_.now();
  if (word.seconds)
    forbidden_.set(word.what == moderation::mute ? restriction::mute : restriction::denial, whom,
                   now + std::chrono::seconds(*word.seconds), now);
  switch (word.what) {
  case moderation::mute:
    return {those(whom).size()};
  case moderation::kick:
    return {put_out(those(whom), word.reason)};
  case moderation::close:
    break;
  }
  const auto all = context_.members().size();
  context_.dismiss(word.reason);
  context_.host().close();
  finish();
  return {all};
}

std::vector<member> room::those(const room_subject& whom) const {
  std::vector<member> out;
  for (const auto& each : context_.members())
    if (whom.is(each.connection, each.who.get()))
      out.push_back(each);
  return out;
}

// All of them, before the others hear of it: a user's tabs do not see each other go.
std::size_t room::put_out(const std::vector<member>& out, const std::string& reason) {
  for (const auto& each : out)
    context_.expel(each, reason);
  for (const auto& each : out)
    have_logic(each, [&] { logic_->on_leave(context_, each); });
  context_.watch_occupancy();
  return out.size();
}

} // namespace troupe
