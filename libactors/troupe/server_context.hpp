// The four parts that one server's actors share: what it was told, the way to others, who is told
// what happens, and what is counted. Each part says who may write it; the context only leads there.
#pragma once

#include "troupe/deny_list.hpp"
#include "troupe/server_metrics.hpp"
#include "troupe/server_observers.hpp"
#include "troupe/server_routes.hpp"
#include "troupe/server_settings.hpp"

namespace troupe {

struct server_context {
  const server_settings& settings;
  const settings_board& board;
  const server_routes& routes;
  const server_observers& observers;
  server_metrics& metrics;
  /// Who is not let in although the token is good. The users write it; read at handshakes and
  /// refreshes.
  deny_board& denials;

  /// The settings as they are now.
  const live_settings& live() const { return board.current(); }

  bool banned(const client_address& from) const { return denials.bans(from, observers.now()); }
  std::optional<denial> denied(const identity& who) const {
    return denials.denies(who, observers.now());
  }
};

/// The parts themselves, and the context that leads to them: for whoever owns a server.
struct server_state {
  server_settings settings;
  settings_board board;
  server_routes routes;
  server_observers observers;
  server_metrics metrics;
  deny_board denials;
  const server_context context{settings, board, routes, observers, metrics, denials};
};

} // namespace troupe
