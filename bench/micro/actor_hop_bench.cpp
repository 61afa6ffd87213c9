// What does one message from actor to actor cost: within a loop, to another loop, to the pool and
// back, and between the light actors that connections are? Two actors play: 1 ball shows how long a
// message takes when nothing else is on its way, 64 show what it costs when threads are kept awake.
#include "per_item.hpp"
#include "server/net/io_loop.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/light_actor.hpp"
#include "troupe/runtime/placed_actor.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include <semaphore>
#include <utility>

namespace troupe {
namespace {

using ended_balls = std::counting_semaphore<1024>;

/// A `tick` is the ball: its number says how often it is still to be passed.
class passing {
public:
  explicit passing(ended_balls& ended) : ended_(ended) {}

  caf::actor partner; // reset when the game is over: they hold each other

  void pass(const tick& ball) {
    if (ball.timer == 0)
      ended_.release();
    else
      caf::anon_send(partner, tick{ball.timer - 1});
  }

private:
  ended_balls& ended_;
};

using player_actor = caf::typed_actor<hears<tick>>;

class placed_player final : public placed_actor<player_actor>, public passing {
public:
  placed_player(caf::actor_config& config, event_loop* loop, ended_balls& ended)
    : placed_actor(config, loop),
      passing(ended) {}

private:
  behavior_type make_behavior() override {
    return {[this](const tick& ball) { pass(ball); }};
  }
  void on_exit() override { partner = nullptr; }
};

class light_player final : public light_actor, public passing {
public:
  light_player(caf::actor_config& config, event_loop& loop, ended_balls& ended)
    : light_actor(config, loop),
      passing(ended) {}

  const char* name() const override { return "light_player"; }

private:
  void handle(caf::type_erased_tuple& content) override {
    if (content.match_elements<tick>())
      pass(content.get_as<tick>(0));
  }
  void on_exit() override { partner = nullptr; }
};

struct system_config : caf::actor_system_config {
  system_config() { // as in the server
    set("scheduler.max-threads", std::size_t{1});
    set("scheduler.max-throughput", std::size_t{300});
    set("work-stealing.aggressive-poll-attempts", std::size_t{1});
    set("work-stealing.moderate-poll-attempts", std::size_t{1});
  }
};

/// Two loops, a pool of one, and a ball to be passed.
class hall {
public:
  hall() {
    first.start();
    second.start();
  }

  caf::actor placed(event_loop* where, passing*& to_meet) {
    auto player = spawn_placed<placed_player>(system, where, ended_);
    to_meet = static_cast<placed_player*>(caf::actor_cast<caf::abstract_actor*>(player));
    return caf::actor_cast<caf::actor>(player);
  }
  caf::actor light(io_loop& where, passing*& to_meet) {
    auto player = spawn_light<light_player>(system, where, ended_);
    to_meet = player.get();
    return caf::actor_cast<caf::actor>(caf::strong_actor_ptr{player->ctrl()});
  }

  void play(benchmark::State& state, std::pair<caf::actor, passing*> a,
            std::pair<caf::actor, passing*> b) {
    constexpr std::uint64_t passes = 1000;
    a.second->partner = b.first;
    b.second->partner = a.first;
    const auto balls = state.range(0);
    for (auto _ : state) {
      for (std::int64_t i = 0; i < balls; ++i)
        caf::anon_send(a.first, tick{passes});
      for (std::int64_t i = 0; i < balls; ++i)
        ended_.acquire();
    }
    caf::anon_send_exit(a.first, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(b.first, caf::exit_reason::user_shutdown);
    a.first = nullptr;
    b.first = nullptr;
    system.await_all_actors_done();
    micro::report_per_item(state, "per_message", balls * static_cast<std::int64_t>(passes));
  }

  system_config config;
  caf::actor_system system{config};
  duration_histogram turns[2];
  io_loop first{system, 0, turns[0]};
  io_loop second{system, 1, turns[1]};

private:
  ended_balls ended_{0};
};

void within_a_loop(benchmark::State& state) {
  hall here;
  std::pair<caf::actor, passing*> a, b;
  a.first = here.placed(&here.first, a.second);
  b.first = here.placed(&here.first, b.second);
  here.play(state, std::move(a), std::move(b));
}

void from_loop_to_loop(benchmark::State& state) {
  hall here;
  std::pair<caf::actor, passing*> a, b;
  a.first = here.placed(&here.first, a.second);
  b.first = here.placed(&here.second, b.second);
  here.play(state, std::move(a), std::move(b));
}

void to_the_pool_and_back(benchmark::State& state) {
  hall here;
  std::pair<caf::actor, passing*> a, b;
  a.first = here.placed(&here.first, a.second);
  b.first = here.placed(nullptr, b.second);
  here.play(state, std::move(a), std::move(b));
}

void light_within_a_loop(benchmark::State& state) {
  hall here;
  std::pair<caf::actor, passing*> a, b;
  a.first = here.light(here.first, a.second);
  b.first = here.light(here.first, b.second);
  here.play(state, std::move(a), std::move(b));
}

#define TROUPE_GAME(name)                                                                          \
  BENCHMARK(name)->ArgName("balls")->Arg(1)->Arg(64)->UseRealTime()->MeasureProcessCPUTime()
TROUPE_GAME(within_a_loop);
TROUPE_GAME(from_loop_to_loop);
TROUPE_GAME(to_the_pool_and_back);
TROUPE_GAME(light_within_a_loop);
#undef TROUPE_GAME

} // namespace
} // namespace troupe
