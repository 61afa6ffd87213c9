// A stage with users and admins: what they say, and what the server-side API is answered.
#pragma once

#include "conversation.hpp"

#include <caf/scoped_actor.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

inline identity_ptr person(const std::string& user_id, std::vector<std::string> roles = {},
                           std::string token_id = {}) {
  return std::make_shared<const identity>(
    identity{user_id, "name of " + user_id, std::move(roles), {}, std::move(token_id), {}});
}

struct staffed_server : conversation {
  explicit staffed_server(options how = {}) : conversation(std::move(how)) {}

  // A client whose greeting has been read.
  client enter(identity_ptr who, const std::string& room = {}) {
    connection::opening asked;
    asked.room = room;
    asked.who = std::move(who);
    auto entered = connect(std::move(asked));
    run();
    entered->read();
    return entered;
  }

  void say(client& who, const nlohmann::json& frame) {
    who->say(frame.dump());
    run();
  }

  // What an admin's connection is answered: the result, or the error.
  nlohmann::json command(client& who, nlohmann::json frame) {
    heard(who);
    frame["type"] = "admin_command";
    frame["id"] = 7;
    say(who, frame);
    for (const auto& each : heard(who))
      if (each.value("id", 0) == 7)
        return each;
    return nullptr;
  }

  // What a call of the server-side API is answered.
  administered call(admin::command what) {
    administered out;
    caf::scoped_actor self{system()};
    auto asked = self->request(routes.users, std::chrono::seconds(5),
                               administer{std::move(what), "api key 1"});
    run();
    asked.receive([&](administered& answer) { out = std::move(answer); },
                  [](const caf::error&) { ADD_FAILURE() << "not answered"; });
    return out;
  }

  nlohmann::json result(admin::command what) {
    const auto answer = call(std::move(what));
    return answer.result ? nlohmann::json::parse(*answer.result) : nlohmann::json(nullptr);
  }
};

} // namespace troupe::test
