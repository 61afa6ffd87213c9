// What a client of the stage has heard, as JSON.
#pragma once

#include "stage.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace troupe::test {

using list = std::vector<std::string>;

// What has come since the last call; control frames are left out.
inline std::vector<nlohmann::json> heard(client& who) {
  std::vector<nlohmann::json> out;
  for (const auto& frame : who->read())
    if (frame.front() != '<')
      out.push_back(nlohmann::json::parse(frame));
  return out;
}

// The one frame that has come.
inline nlohmann::json only(client& who) {
  const auto frames = heard(who);
  EXPECT_EQ(frames.size(), 1u) << nlohmann::json(frames);
  return frames.size() == 1 ? frames.front() : nlohmann::json::object();
}

inline list types(const std::vector<nlohmann::json>& frames) {
  list out;
  for (const auto& frame : frames)
    out.push_back(frame.at("type").get<std::string>());
  return out;
}

} // namespace troupe::test
