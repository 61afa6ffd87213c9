// What a client tells of itself. Any of these may be left out; they are called on its executor.
#pragma once

#include "troupe_client/frame.hpp"
#include "troupe_client/state.hpp"

#include <functional>
#include <string>

namespace troupe_client {

struct events {
  std::function<void(const state&)> state{};
  /// What is about no room or topic that is listened to: announcements, notifications, other
  /// errors.
  std::function<void(const frame_ptr&)> frame{};
  /// A listener has thrown, or the provider of tokens fails; without this it goes to standard
  /// error.
  std::function<void(const std::string&)> error{};
};

} // namespace troupe_client
