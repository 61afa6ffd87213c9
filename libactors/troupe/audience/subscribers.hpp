// Who listens to a topic: connections by id, each with the ticket of its enrolment, and nothing
// else, for there may be a million. About 40 bytes each. Pure.
#pragma once

#include "troupe/wire/ids.hpp"

#include <cstddef>
#include <unordered_map>

namespace troupe {

class subscribers {
public:
  /// False when it is one already; the ticket is then the new one.
  bool add(connection_id connection, ticket asked) {
    const auto [place, added] = tickets_.try_emplace(connection, asked);
    place->second = asked;
    return added;
  }

  /// Ends the enrolment of that ticket. False when there is none.
  bool remove(connection_id connection, ticket asked) {
    const auto place = tickets_.find(connection);
    if (place == tickets_.end() || place->second != asked)
      return false;
    tickets_.erase(place);
    return true;
  }

  std::size_t size() const { return tickets_.size(); }

private:
  std::unordered_map<connection_id, ticket> tickets_;
};

} // namespace troupe
