// A stage that clients and the server-side API talk to: what they say, and what they hear of it.
#pragma once

#include "heard.hpp"
#include "stage.hpp"
#include "troupe/messages.hpp"

#include <caf/scoped_actor.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace troupe::test {

struct conversation : stage {
  explicit conversation(options how = {}) : stage(std::move(how)) {}

  // What a client hears when it has said something, and all has been done.
  std::vector<nlohmann::json> says(client& who, const nlohmann::json& frame) {
    who->say(frame.dump());
    run();
    return heard(who);
  }

  // What the server-side API is answered.
  posted calls(post what) {
    posted out;
    caf::scoped_actor self{system()};
    auto asked = self->request(routes.directory, std::chrono::seconds(5), std::move(what));
    run();
    asked.receive([&](posted& answer) { out = std::move(answer); },
                  [](const caf::error&) { ADD_FAILURE() << "not answered"; });
    return out;
  }
};

} // namespace troupe::test
