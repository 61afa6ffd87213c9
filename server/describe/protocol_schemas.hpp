// All that is said between clients and the server, as JSON schemas: made from the code that reads
// requests, from the tables that the encoder of frames is made from, and from errors.def.
#pragma once

#include "server/describe/json_schema.hpp"
#include "troupe/wire/field_notes.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::descriptions {

/// One that a client may send, or one that it may get.
struct frame {
  std::string name;   ///< `join`
  std::string schema; ///< `JoinRequest`
};

struct command {
  std::string name;   ///< `kick`
  std::string schema; ///< `KickCommand`
  std::string result; ///< `ReachedResult`
};

struct protocol_schemas {
  json schemas = json::object();    ///< by name
  std::vector<frame> requests{};    ///< of clients
  std::vector<frame> frames{};      ///< of the server, with a type of their own
  std::vector<frame> open_frames{}; ///< of the server, whose type others choose
  std::vector<command> commands{};  ///< of admins
};

protocol_schemas describe_protocol(texts& words);

/// The types of the frames that answer a request, if it is not refused; empty: none does.
const std::vector<std::string_view>& answers_to(std::string_view request);

// Its parts.

/// Values that several have: names, positions, ids, codes.
void add_values(protocol_schemas& to, texts& words);
void add_requests(protocol_schemas& to, texts& words);
void add_frames(protocol_schemas& to, texts& words);
void add_results(protocol_schemas& to, texts& words);
/// Which of these answers a command.
std::string result_of(std::string_view command);

/// Those of a body, a query, with what may be there together.
void add_fields(object_schema& to, const field_notes& fields, field_place place);
/// The schema of a field that is read.
json schema_of(const field_note& field);

} // namespace troupe::descriptions
