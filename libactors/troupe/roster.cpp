#include "troupe/roster.hpp"

namespace troupe {

bool roster::add(member who) {
  const auto loop = who.connection.loop();
  const auto [place, added] = members_.try_emplace(who.connection, who);
  if (!added) {
    place->second = std::move(who);
    return false;
  }
  if (per_loop_.size() <= loop)
    per_loop_.resize(loop + 1);
  ++per_loop_[loop];
  return true;
}

bool roster::remove(connection_id connection, ticket asked, member& removed) {
  const auto place = members_.find(connection);
  if (place == members_.end() || place->second.asked != asked)
    return false;
  removed = std::move(place->second);
  members_.erase(place);
  --per_loop_[connection.loop()];
  return true;
}

const member* roster::find(connection_id connection) const {
  const auto place = members_.find(connection);
  return place == members_.end() ? nullptr : &place->second;
}

member* roster::find(connection_id connection) {
  const auto place = members_.find(connection);
  return place == members_.end() ? nullptr : &place->second;
}

} // namespace troupe
