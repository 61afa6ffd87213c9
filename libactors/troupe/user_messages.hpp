// The messages about users, and what admins ask for. Part of messages.hpp, which gives them their
// type ids.
#pragma once

#include "troupe/runtime/credit.hpp"
#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/client_frames.hpp"
#include "troupe/wire/errors.hpp"
#include "troupe/wire/frame.hpp"
#include "troupe/wire/identity.hpp"
#include "troupe/wire/ids.hpp"

#include <string>
#include <variant>
#include <vector>

namespace troupe {

/// A connection to the users: it is open, by a valid token. Anonymous ones are not told of.
struct arrived {
  connection_id connection;
  identity_ptr who;
};

/// A connection to the users: it has a new token, or its first.
struct changed {
  connection_id connection;
  identity_ptr who;
};

/// A connection that has arrived to the users: it is no more.
struct departed {
  connection_id connection;
};

/// The server-side API to the users: an admin wants this.
struct administer {
  admin::command what;
  std::string by; ///< who asks, for the audit log
};

/// What became of it: the answer, a JSON object, or why there is none.
struct administered {
  std::variant<std::string, error> result;
};

/// A connection whose user is an admin to the users. Answered with `admin_result`, or an error, by
/// way of its outlet.
struct admin_request {
  administer asked;
  connection_id connection;
  request_id id;
  troupe::credit credit;
};

/// The users to an outlet: a frame for some of its connections. Those that are gone are passed
/// over.
struct multicast {
  std::vector<connection_id> to;
  frame_ptr what;
  troupe::credit credit{};
};

/// The users to an outlet: close these of its connections.
struct close_connections {
  std::vector<connection_id> whom;
  close_code code = close_code::kicked;
  std::string reason;
};

/// The users to the directory: what rooms are there?
struct list_rooms {
  admin::page which;
};

/// The rooms of one page, and how many there are in all.
struct room_list {
  struct entry {
    std::string name;
    audience_id audience{};
  };
  std::vector<entry> listed;
  bool more = false; ///< behind the last of them
  std::size_t rooms = 0;
};

/// The users to an outlet: how many of its connections listen to each of these?
struct count_members {
  std::vector<audience_id> of;
};
struct member_counts {
  std::vector<std::size_t> counts; ///< in the order of the question
};

/// The users to a room, through the directory: who is there? A room that is not there is not made.
struct list_members {
  std::string room;
  admin::page which;
};

/// The names of those in a room, each once, in order; or why there are none.
struct member_list {
  struct those {
    std::vector<std::string> users;
    bool more = false; ///< behind the last of them
    std::size_t members = 0;
  };
  std::variant<those, error> result;
};

} // namespace troupe
