// Limits on new sockets and connections: for each address, for each user, for sockets that are not
// a WebSocket, and on how fast new ones come (`[limits]`). Thread-safe; asked when a socket or a
// connection begins, told when it ends, and not on a message's way.
//
// A limit of 0 counts nothing and keeps nothing: then an admission is an empty one.
#pragma once

#include "server/edge/keyed_counter.hpp"
#include "troupe/runtime/admission.hpp"
#include "troupe/server_settings.hpp"
#include "troupe/wire/client_address.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

class connection_limits {
public:
  using time_point = gcra::time_point;
  using address_admission = keyed_counter<client_address>::admission;
  using user_admission = keyed_counter<std::string>::admission;

  explicit connection_limits(const settings_board& board) : board_(board) {}

  /// Whether one more socket may be accepted now.
  bool may_accept(time_point now) {
    const auto most = bounds().accepts_per_second;
    return accepts_.take(rate::per_second(most, most), now) == gcra::duration::zero();
  }

  /// A socket that is no WebSocket (yet) has come, or goes. `come` says whether there are more than
  /// there may be: then one should make room.
  bool socket_comes();
  void socket_goes() { http_sockets_.fetch_sub(1, std::memory_order_relaxed); }

  /// Admits a socket of that address; nothing when there are too many.
  std::optional<address_admission> at_address(const client_address& from, time_point now);

  /// Admits a connection that its address has admitted (or that has been counted there before),
  /// and whose token names `user_id` (empty: it has none); nothing when that user has too many that
  /// live.
  std::optional<admission> of_user(address_admission at, const std::string& user_id,
                                   time_point now);

private:
  const limits& bounds() const { return board_.current().bounds; }

  const settings_board& board_;
  shared_gcra accepts_;
  std::atomic<std::uint32_t> http_sockets_{0};
  keyed_counter<client_address> addresses_;
  keyed_counter<std::string> users_;
};

} // namespace troupe
