// The way to those whom many need: handles of actors, and where an actor is to run. Filled in
// before the first connection, read-only from then on. Thread-safe.
#pragma once

#include "troupe/actors.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/runtime/event_loop.hpp"
#include "troupe/wire/ids.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace troupe {

class pattern_routes;
class record_table;

struct server_routes {
  std::vector<outlet_actor> outlets; ///< by number of loop
  directory_actor directory;
  users_actor users;

  /// The way to a message bus, and who calls services over it; null where none is configured.
  bus_actor bus;
  rpc_caller_actor caller;

  /// Where a room or topic of this name runs: the same loop each time, so that what outlives its
  /// actor stays there. Null for the pool. Any thread.
  std::function<event_loop*(audience_kind kind, std::string_view name)> loop_of =
    [](audience_kind, std::string_view) { return nullptr; };

  /// The number of the loop where the record of this name is. Any thread.
  std::function<std::uint32_t(audience_kind kind, std::string_view name)> home_of =
    [](audience_kind, std::string_view) { return 0u; };
  /// What each loop's rooms and topics leave behind, and who reads it; by number of loop. The
  /// tables are for those who run on that loop.
  std::vector<record_table*> records;
  std::vector<archive_actor> archives;
  const archive_actor& archive_of(audience_kind kind, std::string_view name) const {
    return archives[home_of(kind, name)];
  }

  /// What each loop knows of who listens to topics by a pattern; by number of loop, for those who
  /// run there.
  std::vector<pattern_routes*> patterns;
  const pattern_routes& patterns_at_home_of(std::string_view topic) const {
    return *patterns[home_of(audience_kind::topic, topic)];
  }

  /// Begins to drain, as SIGTERM does. Any thread; again has no effect.
  std::function<void()> begin_drain = [] {};

  // The children: the next ones on the way to connections. Each loop's outlet is one; there are no
  // others yet.

  std::size_t child_count() const { return outlets.size(); }
  /// The number of the child by way of which a connection is reached.
  static constexpr std::uint32_t child_number(connection_id connection) {
    return connection.loop();
  }
  const outlet_actor& child(std::uint32_t number) const { return outlets[number]; }
  const outlet_actor& child_of(connection_id connection) const {
    return child(child_number(connection));
  }
};

/// Calls `f` with each child that leads to some of the connections, and those.
template <class F>
void for_each_share(const server_routes& routes, const std::vector<connection_id>& connections,
                    F f) {
  std::vector<std::vector<connection_id>> shares(routes.child_count());
  for (const auto each : connections)
    shares[server_routes::child_number(each)].push_back(each);
  for (std::uint32_t child = 0; child < shares.size(); ++child)
    if (!shares[child].empty())
      f(routes.child(child), std::move(shares[child]));
}

} // namespace troupe
