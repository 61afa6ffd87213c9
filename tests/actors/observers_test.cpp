// What a server tells of its connections' comings and goings, and of refused clients, for its log.
#include "heard.hpp"
#include "stage.hpp"

#include <gtest/gtest.h>

namespace troupe::test {
namespace {

using namespace std::chrono_literals;

// Lines of what is told: `+id user name`, `=id user address`, `-id user code why`.
struct watched_server : stage {
  list told;

  watched_server() : stage({.heartbeat = 1s}) {
    observers.opened = [this](connection_id id, const identity* who, std::string_view user) {
      told.push_back('+' + settings.public_id(id) + ' ' + (who ? who->user_id : "-") + ' ' +
                     std::string(user));
    };
    observers.identified = [this](connection_id id, const identity& who,
                                  const client_address& from) {
      told.push_back('=' + settings.public_id(id) + ' ' + who.user_id + ' ' + from.to_string());
    };
    observers.closed = [this](connection_id id, const identity* who, close_code code,
                              std::string_view why) {
      told.push_back('-' + settings.public_id(id) + ' ' + (who ? who->user_id : "-") + ' ' +
                     std::to_string(static_cast<int>(code)) + ' ' + std::string(why));
    };
  }

  std::string id(const client& of) const { return settings.public_id(of->id()); }
};

identity_ptr ann() {
  return std::make_shared<const identity>(identity{"u1", "Ann", {}, {}, "", {}});
}

TEST(observers, are_told_who_comes_and_why_each_goes) {
  watched_server server;
  auto one = server.connect({.who = ann()});
  auto other = server.connect({.user = "Ben"});
  auto third = server.connect();
  server.run();
  const auto first = server.id(one), second = server.id(other), last = server.id(third);
  EXPECT_EQ(server.told,
            (list{"+" + first + " u1 Ann", "+" + second + " - Ben", "+" + last + " - "}));
  server.told.clear();
  one->hang_up(close_code::kicked, "Kicked");
  one->hang_up(close_code::kicked, "once is enough");
  other->vanish();
  third->close();
  server.run();
  EXPECT_EQ(server.told, (list{"-" + first + " u1 4403 Kicked", "-" + second + " - 0 lost",
                               "-" + last + " - 0 by the client"}));
  server.pass(1min);
  EXPECT_EQ(server.told.size(), 3u);
}

TEST(observers, are_told_once_when_one_becomes_a_users) {
  watched_server server;
  server.settings.verify = [](std::string_view) -> token_verdict { return ann(); };
  auto one = server.connect({.proxied_for = *client_address::parse("192.0.2.7")});
  auto other = server.connect({.who = ann()});
  server.run();
  server.told.clear();
  for (auto* each : {&one, &one, &other}) {
    (*each)->say(R"({"type":"refresh","token":"t"})");
    server.run();
  }
  EXPECT_EQ(server.told, list{"=" + server.id(one) + " u1 192.0.2.7"});
  one->vanish(), other->vanish();
  server.run();
}

TEST(observers, are_told_of_a_token_that_does_not_refresh) {
  stage server;
  server.settings.verify = [](std::string_view) -> token_verdict {
    return fail(token_refusal{"the signature is wrong"});
  };
  auto one = server.connect({.who = ann()});
  server.run();
  one->say(R"({"type":"refresh","token":"sesame"})");
  server.run();
  EXPECT_EQ(server.audits, list{"refused refresh|u1|the signature is wrong"});
}

} // namespace
} // namespace troupe::test
