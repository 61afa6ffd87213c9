#include "server/server.hpp"

#include "server/log/log.hpp"
#include "server/net/http_door.hpp"
#include "server/net/io_loop.hpp"
#include "server/net/listener.hpp"
#include "server/rooms/rooms.hpp"
#include "troupe/directory.hpp"
#include "troupe/outlet.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <future>
#include <random>
#include <thread>

namespace troupe {

extern const std::string_view page; // server/page/index.html

namespace {

struct thread_counts {
  std::uint32_t loops;
  std::uint32_t pool;
};

// Sockets cost more than rooms do, and the kernel's own network work needs a share of the cores.
thread_counts counts_for(const server_config& settings) {
  const std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
  const auto loops = settings.loops != 0 ? settings.loops : std::max(1u, cores / 2);
  return {std::min(loops, connection_id::loops_max),
          settings.pool_threads != 0 ? settings.pool_threads : std::clamp(cores / 4, 1u, 8u)};
}

// CAF as it serves us best: see docs/design/0003-threads.md for the figures.
struct system_config : caf::actor_system_config {
  explicit system_config(std::uint32_t pool_threads) {
    set("scheduler.max-threads", std::size_t{pool_threads});
    set("scheduler.max-throughput", std::size_t{300});
    set("work-stealing.aggressive-poll-attempts", std::size_t{1});
    set("work-stealing.moderate-poll-attempts", std::size_t{1});
    // Nobody on the way of a message runs on the pool: let an idle worker sleep.
    set("work-stealing.relaxed-sleep-duration", caf::timespan{std::chrono::milliseconds(100)});
  }
};

std::string random_epoch(std::uint64_t seed) {
  static constexpr char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string text;
  for (int i = 0; i < 8; ++i, seed /= 36)
    text += digits[seed % 36];
  return text;
}

} // namespace

// One I/O loop with all that lives on it.
struct loop_parts {
  loop_parts(caf::actor_system& system, house& here, const door_settings& settings,
             std::uint32_t number)
    : loop(system, number),
      ear(spawn_placed<outlet>(system, &loop, here, number)),
      door(loop, here, *static_cast<outlet*>(caf::actor_cast<caf::abstract_actor*>(ear)), settings),
      listening(door) {
    here.outlets.push_back(ear);
  }

  // Runs `f` on the loop's thread and waits for it.
  template <class F>
  void run(F f) {
    std::promise<void> done;
    loop.post([&] {
      f();
      done.set_value();
    });
    done.get_future().wait();
  }

  io_loop loop;
  outlet_actor ear;
  http_door door;
  listener listening;
};

struct server::parts {
  explicit parts(const config& c)
    : settings(c),
      counts(counts_for(c.server)),
      caf_config(counts.pool),
      system(caf_config) {
    std::random_device random;
    here.seed = std::uint64_t{random()} << 32 | random();
    here.epoch = random_epoch(here.seed);
    here.server_name = c.server.name;
    here.bounds = c.limits;
    here.heartbeat = c.server.heartbeat;
    here.rooms = all_room_types();
    here.report = [](std::string_view what) { log_error(what); };
    doors.page = page;
    doors.api_keys = c.api.keys;
  }

  const config settings;
  const thread_counts counts;
  system_config caf_config;
  caf::actor_system system;
  house here;
  door_settings doors;
  std::vector<std::unique_ptr<loop_parts>> loops;
};

server::server(const config& settings) : parts_(std::make_unique<parts>(settings)) {}

server::~server() {
  auto& p = *parts_;
  for (const auto& ear : p.here.outlets)
    caf::anon_send_exit(ear, caf::exit_reason::user_shutdown);
  if (p.here.directory)
    caf::anon_send_exit(p.here.directory, caf::exit_reason::user_shutdown);
  p.system.await_all_actors_done();
  for (auto& each : p.loops)
    each->run([&] {
      each->door.close();
      each->listening.stop();
    });
  for (auto& each : p.loops)
    each->loop.stop();
  p.here.outlets.clear();
  p.here.directory = nullptr;
}

std::variant<std::uint16_t, std::string> server::start() {
  auto& p = *parts_;
  for (std::uint32_t number = 0; number < p.counts.loops; ++number)
    p.loops.push_back(std::make_unique<loop_parts>(p.system, p.here, p.doors, number));
  p.here.place = [&p](audience_id audience) {
    return &p.loops[static_cast<std::uint64_t>(audience) % p.loops.size()]->loop;
  };
  p.here.directory = spawn_placed<directory>(p.system, &p.loops.front()->loop, p.here);
  std::uint16_t port = p.settings.server.port;
  // Before the loops have descriptor tables of their own, which would keep the probe open.
  std::string obstacle = listener::obstacle(p.settings.server.host, port);
  for (auto& each : p.loops)
    each->loop.start();
  for (auto& each : p.loops)
    each->run([&] {
      if (!obstacle.empty())
        return;
      auto bound = each->listening.bind(p.settings.server.host, port);
      if (auto* why = std::get_if<std::string>(&bound))
        obstacle = *why;
      else
        port = std::get<std::uint16_t>(bound);
    });
  if (!obstacle.empty())
    return obstacle;
  for (auto& each : p.loops)
    each->run([&] { each->listening.start(); });
  p.doors.ready = true;
  return port;
}

void server::drain() {
  auto& p = *parts_;
  p.doors.ready = false;
  for (auto& each : p.loops)
    each->run([&] { each->listening.stop(); });
  const auto end = std::chrono::steady_clock::now() + p.settings.server.drain;
  for (const auto& ear : p.here.outlets)
    caf::anon_send(ear, troupe::drain{p.settings.server.drain});
  while (p.here.connections.load() > 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  log_info("drained", {{"connections_left", p.here.connections.load()}});
}

} // namespace troupe
