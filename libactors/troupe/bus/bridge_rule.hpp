// An inward rule of a bridge: what an event on a subject becomes. Pure.
//
// An event is a subject and a payload, both from outside. A rule makes at most one frame of it, and
// decides the receivers, the type and the parts of the payload. These parts are passed on byte for
// byte, after the whole payload has been checked to be JSON.
#pragma once

#include "troupe/bridged.hpp"
#include "troupe/bus/bridge_template.hpp"
#include "troupe/wire/result.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// What a payload is taken for.
enum class bridge_content : std::uint8_t {
  json,  ///< JSON; anything else is skipped
  text,  ///< UTF-8, which becomes a JSON string
  base64 ///< bytes, which become a JSON string in base64
};
inline constexpr std::array<std::string_view, 3> bridge_content_names{"json", "text", "base64"};

/// A field of the payload that goes to the top of the frame.
struct picked_field {
  std::vector<std::string> path;
  std::string as; ///< its name there

  /// Under its own name: the last key of the path.
  picked_field(std::initializer_list<std::string> keys) : path(keys), as(path.back()) {}
  picked_field(std::vector<std::string> keys, std::string name)
    : path(std::move(keys)),
      as(std::move(name)) {}
  /// `order_id`, `customer.name`, `from as sender`; nothing where that is none.
  static std::optional<picked_field> parse(std::string_view text);
};

/// One `[[bridge.rule]]`.
struct bridge_rule {
  std::string subject; ///< a valid pattern (subject_pattern.hpp)
  std::string queue{}; ///< of several servers with the same name here, one gets each event
  bridge_target to = bridge_target::topic;
  bridge_template name{};   ///< of the topic, room, user or role
  bool or_everyone = false; ///< when a field in `name` is not there: everyone
  bridge_template type{};   ///< empty: "publication"
  bridge_content payload = bridge_content::json;
  bool data = true;                   ///< the whole payload under `data`
  std::vector<picked_field> fields{}; ///< what goes to the top, too
};

/// Whether `rule` may bring an event of this type to that topic: then no client may publish it
/// there, and who hears it knows that it came from a service.
bool may_bring(const bridge_rule& rule, std::string_view topic, std::string_view type);

/// For a person: "its payload is too long".
std::string_view explain(bridge_error error);

using shaped = result<bridged, bridge_error>;

/// What `rule` makes of an event. Payloads beyond `bytes_max` are skipped.
shaped shape(const bridge_rule& rule, std::string_view subject, std::string_view payload,
             std::size_t bytes_max);

/// Whether somebody whom a rule is for may be called so: a topic or room has a valid name; a user
/// or role has what tokens say, 1 to 512 bytes of UTF-8 without control characters.
bool valid_target_name(bridge_target to, std::string_view name);

/// Whether a picked field may stand under `key` at the top of a frame: what the server itself puts
/// there, and what clients take for an answer, may not.
bool free_for_fields(std::string_view key, bool data);

/// What is active when there is a bus and nobody has said anything about rules: see docs/nats.md.
std::vector<bridge_rule> default_bridge_rules();

} // namespace troupe
