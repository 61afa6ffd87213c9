// What clients say: the text of a frame in, a checked request or an error out. Pure.
// Protocol table "Client to server". Views point into the text that was decoded.
#pragma once

#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/delivery_options.hpp"
#include "troupe/wire/field_notes.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/limits.hpp"
#include "troupe/wire/presence_question.hpp"
#include "troupe/wire/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {

/// The `id` of a request as it was written (`7` or `"a"`), to be put into the answer; or empty.
using request_id = std::string;

namespace client {

struct subscribe {
  std::vector<std::string> topics;
  bool by_channel = false; ///< the request said `channel`: so does the answer
  std::vector<std::pair<std::string, position>> recover{}; ///< what it has seen of some of them
  std::optional<bool> presence{};                          ///< it is told who is there, or no more
};
struct unsubscribe {
  std::vector<std::string> topics;
  bool by_channel = false;
};
struct join {
  std::string room;
  std::string user;                  ///< or empty
  std::optional<position> recover{}; ///< what it has seen of it
  std::optional<bool> presence{};    ///< it is told who is there, or no more
};
struct leave {
  std::string room;
};
struct message {
  std::string room;         ///< or empty: the one room the connection is in
  std::string user;         ///< or empty
  std::string msg_id;       ///< or empty
  std::string_view content; ///< JSON
  bool to_topic = false;    ///< it has a `topic`, which means nothing here
  delivery_options options{};
};
struct publish {
  std::string topic;
  std::string event;     ///< or empty
  std::string msg_id;    ///< or empty
  std::string_view data; ///< JSON
  delivery_options options{};
};
struct signal {
  audience_kind kind = audience_kind::room;
  std::string name;      ///< or empty: the one room the connection is in
  std::string user;      ///< or empty
  std::string_view data; ///< JSON
};
struct history {
  history_question asked;
};
struct presence {
  presence_question asked;
};
/// What others see of it, where it is.
struct set_presence {
  audience_kind kind = audience_kind::room;
  std::string name;
  std::string_view state; ///< JSON: an object; or empty
};
struct refresh {
  std::string token;
};
/// A wrong command does not refuse the frame: who may not command at all is told that instead.
struct admin_command {
  result<admin::command> what;
};
struct rpc {
  std::string service; ///< both are valid tokens of a subject
  std::string method;
  std::string_view params; ///< JSON: an object
};
struct ping {};
struct pong {};

} // namespace client

struct client_frame {
  request_id id;
  std::variant<client::pong, client::ping, client::message, client::publish, client::subscribe,
               client::unsubscribe, client::join, client::leave, client::refresh,
               client::admin_command, client::rpc, client::history, client::signal,
               client::presence, client::set_presence>
    body;
};

/// A frame that is not carried out, and to which request the error is the answer.
struct refused_frame {
  request_id id; ///< or empty
  troupe::error error;
};

/// Decodes one text frame (valid UTF-8). Names are checked here; whether they exist is not.
result<client_frame, refused_frame> decode(std::string_view text, const limits& bounds);

/// Each type of frames with all fields that `decode` reads of it.
std::vector<noted_request> noted_client_frames(const limits& bounds);

} // namespace troupe
