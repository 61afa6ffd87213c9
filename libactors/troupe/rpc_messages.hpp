// The message between a connection and those who call services for it. Part of messages.hpp, which
// gives it its type id.
#pragma once

#include "troupe/runtime/credit.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <string>

namespace troupe {

/// A connection to the caller: its client calls this method, which `rule` lets it do. Answered with
/// `rpc_result`, or an error, by way of its outlet.
struct rpc_call {
  const rpc_rule* rule = nullptr; ///< of the server, so it lives long enough
  std::string service;
  std::string method;
  std::string params; ///< a JSON object
  identity_ptr who;   ///< or null
  std::string from;   ///< public id of the connection
  connection_id connection;
  request_id id;
  troupe::credit credit;
};

} // namespace troupe
