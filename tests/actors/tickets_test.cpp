// Only its own ticket ends an enrolment: a leave or a `gone` that is late, as on a way of its own
// between two processes, must not put out who has come back meanwhile.
#include "stage.hpp"
#include "troupe/audience/room.hpp"
#include "troupe/audience/topic.hpp"
#include "troupe/messages.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::test {
namespace {

constexpr auto connection = connection_id::make(0, 7, 1);

// What the outlet is told, in its order.
struct told {
  std::vector<ticket> enrolled;
  std::uint32_t broadcasts = 0;
};

outlet_actor recording_outlet(caf::actor_system& system, told& out) {
  // By argument: without one CAF binds a reference to nothing, which UBSan reports.
  return system.spawn(
    [](outlet_actor::pointer, told* all) -> outlet_actor::behavior_type {
      return {
        [all](const enroll& message) { all->enrolled.push_back(message.asked); },
        [](const refuse&) {},
        [all](const broadcast&) { ++all->broadcasts; },
        [](const unicast&) {},
        [](const expel&) {},
        [](const spread_pattern&) {},
        [](const pattern_granted&) {},
        [](const follow&) {},
        [](const presence_news&) {},
        [](const dissolve&) {},
        [](const watch&) {},
        [](const broadcast_all&) {},
        [](const multicast&) {},
        [](const close_connections&) {},
        [](const close_addresses&) { return addresses_closed{}; },
        [](const describe_connections&) { return connections_described{}; },
        [](const count_members&) { return member_counts{}; },
        [](const measure_outboxes&) { return outboxes_measured{}; },
        [](const drain&) {},
      };
    },
    &out);
}

// A stage whose only outlet writes down what it is told.
class recorded_stage : public stage {
public:
  explicit recorded_stage(std::uint64_t seed) : stage({.seed = seed}) {
    real_ = std::exchange(routes.outlets.front(), recording_outlet(system(), seen));
  }
  ~recorded_stage() {
    caf::anon_send_exit(routes.outlets.front(), caf::exit_reason::user_shutdown);
    run();
    routes.outlets.front() = std::move(real_);
  }

  told seen;

private:
  outlet_actor real_;
};

// A connection comes and goes `stays` times and comes once more. What it sends by way of the
// directory keeps its order; each leave is on its way for as long as the seed likes.
template <class Host>
void come_and_go(stage& server, const Host& host, audience_kind kind, std::uint64_t seed) {
  constexpr ticket stays = 5;
  std::mt19937_64 dice(seed);
  std::vector<ticket> on_their_way;
  const auto some_arrive = [&](std::size_t at_least) {
    std::shuffle(on_their_way.begin(), on_their_way.end(), dice);
    while (on_their_way.size() > at_least) {
      const ticket asked = on_their_way.back();
      on_their_way.pop_back();
      if (dice() % 2)
        caf::anon_send(host, leave{kind, "x", connection, asked});
      else
        caf::anon_send(host, gone{kind, "x", connection, asked});
      server.run();
    }
  };
  for (ticket asked = 1; asked <= stays + 1; ++asked) {
    caf::anon_send(host, admit{kind, "x", connection, asked, "ann", nullptr, "a"});
    server.run();
    if (asked <= stays)
      on_their_way.push_back(asked);
    some_arrive(dice() % (on_their_way.size() + 1));
  }
  some_arrive(0);
}

std::size_t members_of(stage& server, const room_actor& host) {
  caf::scoped_actor self(server.system());
  auto answer = self->request(host, std::chrono::seconds(5), read_presence{});
  server.run();
  std::size_t members = 99;
  answer.receive(
    [&](const presence_read& read) {
      members = std::get<events::presence>((*read.result)->what()).count;
    },
    [](const caf::error&) {});
  return members;
}

TEST(tickets, a_late_leave_does_not_put_a_member_out_of_a_room) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    recorded_stage server(seed);
    auto host = spawn_placed<room>(server.system(), nullptr, server.context,
                                   founding{audience_kind::room, "x", audience_id{7}});
    come_and_go(server, host, audience_kind::room, seed);
    EXPECT_EQ(members_of(server, host), 1u) << "seed " << seed;
    EXPECT_EQ(server.seen.enrolled.back(), 6u) << "seed " << seed;
    caf::anon_send(host, leave{audience_kind::room, "x", connection, 6});
    server.run();
    EXPECT_EQ(members_of(server, host), 0u) << "seed " << seed;
    caf::anon_send(host, retire{});
    server.run();
  }
}

TEST(tickets, a_late_leave_does_not_put_a_subscriber_off_a_topic) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    recorded_stage server(seed);
    auto host = spawn_placed<topic>(server.system(), nullptr, server.context,
                                    founding{audience_kind::topic, "x", audience_id{7}});
    const auto reaches_it = [&] {
      const auto before = server.seen.broadcasts;
      caf::anon_send(host, publish{{"x", "message", "1", {}, no_connection, {}}, {}});
      server.run();
      return server.seen.broadcasts > before;
    };
    come_and_go(server, host, audience_kind::topic, seed);
    EXPECT_TRUE(reaches_it()) << "seed " << seed;
    caf::anon_send(host, gone{audience_kind::topic, "x", connection, 6});
    server.run();
    EXPECT_FALSE(reaches_it()) << "seed " << seed;
    caf::anon_send(host, retire{});
    server.run();
  }
}

// A join that is answered too late is given up by the ticket it had, and the seat that an earlier
// join gave is the newer enrolment's from then on: it can still be left.
TEST(tickets, a_room_that_is_joined_twice_is_left_once) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    stage server({.seed = seed, .loops = 2});
    auto ann = server.connect({.user = "ann"});
    auto bob = server.connect({.user = "bob", .room = "r"});
    server.run();
    ann->say(R"({"type":"join","room":"r"})");
    ann->say(R"({"type":"join","room":"r"})");
    server.run();
    bob->read();
    ann->say(R"({"type":"leave","room":"r"})");
    server.run();
    const auto frames = bob->read();
    ASSERT_EQ(frames.size(), 1u) << "seed " << seed;
    ASSERT_NE(frames[0].find("user_left"), std::string::npos) << "seed " << seed;
  }
}

} // namespace
} // namespace troupe::test
