#include "troupe/roster.hpp"

#include <utility>

namespace troupe {

bool roster::add(member who) {
  const auto place = members_.find(who.connection);
  if (place == members_.end())
    return members_.insert(std::move(who)).second;
  auto known = members_.extract(place);
  if (const member& before = known.value(); who.asked < before.since) {
    who.user = before.user;
    who.who = before.who;
  }
  who.since = known.value().since;
  who.announced = known.value().announced;
  known.value() = std::move(who);
  members_.insert(std::move(known));
  return false;
}

bool roster::remove(connection_id connection, ticket asked, member& removed) {
  const auto place = members_.find(connection);
  if (place == members_.end() || place->asked != asked)
    return false;
  removed = std::move(members_.extract(place).value());
  return true;
}

bool roster::identify(connection_id connection, identity_ptr who, ticket since) {
  const auto place = members_.find(connection);
  if (place == members_.end())
    return false;
  auto known = members_.extract(place);
  known.value().user = who->username;
  known.value().who = std::move(who);
  known.value().since = since;
  members_.insert(std::move(known));
  return true;
}

const member* roster::find(connection_id connection) const {
  const auto place = members_.find(connection);
  return place == members_.end() ? nullptr : &*place;
}

} // namespace troupe
