// Which connections come and go, for the log: at `debug`, or at `info` those of the user or address
// that `log.trace_user` names. One per I/O loop, on its thread. Only connections that are logged
// take memory: the address of each, which nobody else remembers.
#pragma once

#include "server/settings/log_config.hpp"
#include "troupe/server_settings.hpp"
#include "troupe/wire/client_address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe {

class connection_log {
public:
  /// `traced` is a user's id, an address or a network; empty: nobody in particular.
  connection_log(const server_settings& server, std::string traced);

  /// Whether there may be lines at all.
  bool wanted() const;

  /// Where the connection that is opened next comes from.
  void coming_from(const client_address& address);

  /// `who` may be null; then `name` is what it calls itself, or empty.
  void opened(connection_id id, const identity* who, std::string_view name);

  /// One that was opened without a token has one now, and comes from there.
  void identified(connection_id id, const identity& who, const client_address& from);

  /// It ends: the server has closed it with `code`, or its client has (`close_code{}`); `why` is
  /// said either way.
  void closed(connection_id id, const identity* who, close_code code, std::string_view why);

private:
  struct entry {
    std::string address;
    bool traced; ///< by its address
  };

  bool is_traced(const identity* who) const;

  const server_settings& server_;
  const std::string traced_;
  const std::optional<address_block> traced_block_;
  std::optional<client_address> coming_;
  std::unordered_map<std::uint64_t, entry> logged_;
};

} // namespace troupe
