// Which fields a request may have, as told by the code that reads them. Pure.
//
// A reader is a template: given `request_fields` it reads, given `field_notes` it says what it
// would read. So a description of the requests cannot say anything else than what is read. To the
// reader every field seems to be absent: when it complains, the field is needed. What it looks at
// only where another field is there, or in more ways than one, has an overload for notes beside it.
#pragma once

#include "troupe/wire/errors.hpp"
#include "troupe/wire/ids.hpp"
#include "troupe/wire/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

enum class field_kind : std::uint8_t {
  text,         ///< of `min` to `max` bytes
  integer,      ///< from `min` to `max`
  flag,         ///< true or false
  any,          ///< any JSON value, null too
  object,       ///< of at most `max` bytes
  state,        ///< the same, or null
  name,         ///< of a room or topic
  topic,        ///< a name, or a pattern of names
  topics,       ///< a list of 1 to `max` of these
  display_name, ///< of a user, as others see it
  event,        ///< a type of frames that a service may choose
  client_event, ///< and that a client may choose
  position,     ///< an epoch and an offset
  positions,    ///< these by topic
  id,           ///< of a user, a role: text or an integer
  request_id,   ///< what an answer carries too: text or an integer
  recipients,   ///< a role
  address,      ///< or a network
  rpc_name,     ///< of a service or method
};

enum class field_place : std::uint8_t { body, path, query };

struct field_note {
  std::string key;
  field_kind kind = field_kind::text;
  std::uint64_t min = 0;
  std::uint64_t max = UINT64_MAX;
  bool needed = false;
  field_place place = field_place::body;
};

/// Fields of which only so many may be there.
struct field_choice {
  enum class rule : std::uint8_t { exactly_one, at_least_one, at_most_one } how;
  std::vector<std::string> keys;
};

class field_notes {
public:
  explicit field_notes(const limits& bounds) : bounds_(bounds) {}

  // As in `request_fields`.
  bool string(std::string_view key, std::size_t bytes_max, std::string&) {
    return note({std::string(key), field_kind::text, 0, bytes_max});
  }
  void required_string(std::string_view key, std::size_t bytes_max, std::string&) {
    note({std::string(key), field_kind::text, 0, bytes_max, true});
  }
  bool integer(std::string_view key, std::uint64_t min, std::uint64_t max, std::uint64_t&) {
    return note({std::string(key), field_kind::integer, min, max});
  }
  template <class Flag>
  bool flag(std::string_view key, Flag&) {
    return note({std::string(key), field_kind::flag});
  }
  bool name(std::string_view key, std::string&) {
    return note({std::string(key), field_kind::name});
  }
  void required_name(std::string_view key, std::string& out) {
    name(key, out);
    notes_.back().needed = true;
  }
  void user(std::string&) { note({"user", field_kind::display_name, 0, bounds_.user_bytes_max}); }
  void event(std::string&) { note({"event", field_kind::event}); }
  void topics(std::vector<std::string>& out, bool& by_channel);
  void audience(audience_kind& kind, std::string& name);
  bool position(std::string_view key, troupe::position&) {
    return note({std::string(key), field_kind::position});
  }
  bool positions(std::string_view key, std::vector<std::pair<std::string, troupe::position>>&) {
    return note({std::string(key), field_kind::positions, 0, bounds_.topics_per_connection_max});
  }
  bool any(std::string_view key, std::string_view&) {
    return note({std::string(key), field_kind::any});
  }
  /// The field that was noted last, or one before it, is needed.
  bool fail(errc, const std::string&) {
    if (!notes_.empty())
      notes_.back().needed = true;
    return false;
  }

  /// Always false: it is not there.
  bool note(field_note field) {
    notes_.push_back(std::move(field));
    return false;
  }
  /// It is needed after all, or is not.
  void needed(std::string_view key, bool is);
  void choose(field_choice::rule how, std::vector<std::string> keys) {
    choices_.push_back({how, std::move(keys)});
  }

  const std::vector<field_note>& all() const { return notes_; }
  const std::vector<field_choice>& choices() const { return choices_; }

private:
  const limits& bounds_;
  std::vector<field_note> notes_;
  std::vector<field_choice> choices_;
};

/// A request by its `type`, or a command by its name, and what it may have besides.
struct noted_request {
  std::string_view name;
  field_notes fields;
};

} // namespace troupe
