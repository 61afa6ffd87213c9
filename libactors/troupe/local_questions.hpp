// The questions that never leave the process, and their answers: part of local_messages.hpp.
#pragma once

#include "troupe/actors.hpp"
#include "troupe/kept_event.hpp"
#include "troupe/remote_messages.hpp"
#include "troupe/runtime/credit.hpp"
#include "troupe/wire/rpc_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// A connection whose user is an admin to the users. Answered with `admin_result`, or an error, by
/// way of its outlet.
struct admin_request {
  administer asked;
  connection_id connection;
  request_id id;
  troupe::credit credit;
};

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
  holders on{}; ///< whom the call is charged to while it waits for its answer
};

/// The users to the directory: what rooms, or topics, are there?
struct list_audiences {
  audience_kind kind = audience_kind::room;
  admin::page which;
};

/// Those of one page, and how many there are in all.
struct audience_list {
  struct entry {
    std::string name;
    audience_id audience{};
  };
  std::vector<entry> listed;
  bool more = false; ///< behind the last of them
  std::size_t total = 0;
};

/// The users to an outlet: close those of its connections that come from these addresses.
struct close_addresses {
  address_block whom;
  std::string reason;
};
struct addresses_closed {
  std::size_t connections = 0;
};

/// The users to an outlet: where are these of its connections?
struct describe_connections {
  std::vector<connection_id> which;
};
struct connections_described {
  struct one {
    connection_id id;
    identity_ptr who;       ///< by its token; or null
    std::string user;       ///< without one, what it has called itself when it connected; or empty
    client_address address; ///< or unknown
    std::vector<std::string> rooms;
    std::vector<std::string> topics;
    std::size_t waiting_bytes = 0; ///< in its outbox
  };
  std::vector<one> here; ///< those that are, in the order of the question
};

/// The users to an outlet: how many of its connections listen to each of these?
struct count_members {
  std::vector<audience_id> of;
};
struct member_counts {
  std::vector<std::size_t> counts; ///< in the order of the question
};

/// A connection to a room or topic, itself or through the directory: who is there? One that is not
/// there is not made. Answered with `presence`, or an error, by way of its outlet.
struct presence_request {
  presence_question asked;
  connection_id connection;
  request_id id;
  troupe::credit credit;
};

/// The users to a room or topic, through the directory: the same.
struct read_presence {
  presence_question asked;
};
struct presence_read {
  troupe::result<event_ptr> result;
};

/// A connection to the archive of a name: a page of what was said there. Answered with `history`,
/// or an error, by way of its outlet.
struct history_request {
  history_question asked;
  connection_id connection;
  request_id id;
  troupe::credit credit;
};

/// The users to the archive of a name: the same.
struct read_history {
  history_question asked;
};
struct history_read {
  troupe::result<event_ptr> result;
};

/// The users to the archive of a name: delete what was said there, or what one user said.
struct forget_history {
  audience_kind kind = audience_kind::topic;
  std::string name;
  std::string user_id{}; ///< or empty: all
};
struct history_forgotten {
  troupe::result<std::size_t> messages; ///< how many
};

} // namespace troupe
