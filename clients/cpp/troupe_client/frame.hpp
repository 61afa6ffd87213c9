// A frame of the server, as a listener gets it.
#pragma once

#include "troupe_client/result.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe_client {

using json = nlohmann::json;

struct frame {
  json content;
  std::string text{}; ///< as it came: numbers have all their digits there

  std::string_view type() const { return text_of("type"); }

  /// A member that is text; empty where there is none.
  std::string_view text_of(const char* key) const {
    const auto found = content.find(key);
    if (found == content.end() || !found->is_string())
      return {};
    return found->get_ref<const std::string&>();
  }

  bool has_offset() const {
    const auto found = content.find("offset");
    return found != content.end() && found->is_number_unsigned();
  }
  std::uint64_t offset() const { return has_offset() ? content["offset"].get<std::uint64_t>() : 0; }
};

using frame_ptr = std::shared_ptr<const frame>;

/// Where a room or topic stands when it is there again after a lost connection.
struct standing {
  bool recovered = false; ///< nothing is missing: what was missed follows
  position at{};          ///< of a pattern: none
};

/// What is called for a room or topic. Any of them may be left out. They are called on the client's
/// executor, one after the other; one that throws is reported, and hurts nobody else.
struct listener {
  std::function<void(const frame_ptr&)> heard{}; ///< all frames but the following
  std::function<void(const frame_ptr&)> gap{};   ///< something is missing here
  std::function<void(const standing&)> position{};
  std::function<void(const failure&)> ended{}; ///< it is heard no more: kicked, closed, forbidden
};

} // namespace troupe_client
