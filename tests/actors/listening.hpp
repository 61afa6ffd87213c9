// A server whose topics are listened to by patterns, and namespaces for it.
#pragma once

#include "conversation.hpp"

#include <caf/send.hpp>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

using nlohmann::json;
using namespace std::chrono_literals;

// A token is `USER ROLE…`, with the claim `tenant` where there is one: `USER tenant:acme`.
inline token_verdict verified(std::string_view token) {
  auto who = std::make_shared<identity>();
  std::istringstream words{std::string(token)};
  words >> who->user_id;
  who->username = who->user_id;
  for (std::string word; words >> word;)
    if (word.starts_with("tenant:"))
      who->claims.emplace_back("tenant", word.substr(7));
    else if (word.starts_with("may:"))
      who->permissions.push_back(word.substr(4));
    else
      who->roles.push_back(word);
  return who;
}

struct listening : conversation {
  explicit listening(options how = {}) : conversation(std::move(how)) {
    settings.verify = [](std::string_view token) { return verified(token); };
  }

  client comes(const std::string& token = {}, holder_id from = {}) {
    connection::opening asked;
    asked.address = from;
    if (!token.empty())
      asked.who = verified(token).value();
    auto who = connect(std::move(asked));
    run();
    who->read();
    return who;
  }
  json subscribes(client& who, const json& topics) {
    const auto frames = says(who, {{"type", "subscribe"}, {"topics", topics}, {"id", 1}});
    for (const auto& each : frames)
      if (each.value("id", 0) == 1)
        return each;
    return nullptr;
  }
  void publish(const std::string& topic) {
    caf::anon_send(routes.directory, post{audience_kind::topic, topic, {}, {}, {}, "1"});
    run();
  }
  void event(const std::string& topic) {
    bridged what;
    what.name = topic;
    what.type = "order";
    what.members = R"(,"data":1)";
    caf::anon_send(routes.directory, std::move(what));
    run();
  }
};

inline list topics_in(const std::vector<json>& frames) {
  list out;
  for (const auto& each : frames)
    if (each.contains("topic") && each.contains("data"))
      out.push_back(each["topic"]);
  return out;
}

inline list hears(client& who) {
  return topics_in(heard(who));
}

inline namespace_rule space(std::string pattern, grant subscribe, bool by_pattern) {
  namespace_rule out;
  out.patterns = {std::move(pattern)};
  out.grants[static_cast<std::size_t>(action::subscribe)] = std::move(subscribe);
  out.by_pattern = by_pattern;
  return out;
}
inline const grant anyone{grant::to::anyone, {}, false};
inline const grant authenticated{grant::to::authenticated, {}, false};
inline const grant staff{grant::to::nobody, {"staff"}, false};
inline const grant nobody{};

} // namespace troupe::test
