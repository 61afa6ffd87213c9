#include "server/server.hpp"

#include "server/auth/token_verifier.hpp"
#include "server/bridges/bus_parts.hpp"
#include "server/edge/heap_trim.hpp"
#include "server/live_settings_of.hpp"
#include "server/log/log.hpp"
#include "server/log_observers.hpp"
#include "server/net/http_server.hpp"
#include "server/net/io_loop.hpp"
#include "server/net/listen_address.hpp"
#include "server/net/listener.hpp"
#include "server/net/port_lock.hpp"
#include "server/rooms/rooms.hpp"
#include "server/settings/thread_counts.hpp"
#include "troupe/audience/archive.hpp"
#include "troupe/audience/directory.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/pattern_routes.hpp"
#include "troupe/users/users.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <csignal>
#include <future>
#include <random>
#include <thread>

#include <unistd.h>

namespace troupe {

extern const std::string_view page, page_sha256; // server/page/index.html
extern const std::string_view page_client, page_client_sha256;

namespace {

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

// Shown to everybody, so it must not be drawn from what is secret.
std::string random_epoch(std::uint64_t drawn) {
  static constexpr char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string text;
  for (int i = 0; i < 8; ++i, drawn /= 36)
    text += digits[drawn % 36];
  return text;
}

} // namespace

// One I/O loop with all that lives on it.
struct loop_parts {
  loop_parts(caf::actor_system& system, server_state& state, const http_settings& settings,
             std::uint32_t number, std::uint32_t loops)
    : loop(system, number, state.context.metrics.of_loop(number).turns),
      records(loop, state.metrics.history_bytes, loops),
      handle(spawn_placed<outlet>(system, &loop, state.context, number)),
      http(loop, state.context,
           *static_cast<outlet*>(caf::actor_cast<caf::abstract_actor*>(handle)), settings),
      listening(http),
      listening_tls(http, port_kind::tls_only) {
    state.routes.outlets.push_back(handle);
    state.routes.records.push_back(&records);
    state.routes.patterns.push_back(&patterns);
    state.routes.archives.push_back(spawn_placed<archive>(system, &loop, state.context, records));
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
  record_table records;
  pattern_routes patterns;
  outlet_actor handle;
  http_server http;
  listener listening;
  listener listening_tls; // where TLS has a port of its own
};

struct server::parts {
  explicit parts(startup from)
    : settings(std::move(from.settings)),
      address(std::move(from.address)),
      counts(counts_for(settings.server)),
      caf_config(counts.pool),
      system(caf_config) {
    const config& c = settings;
    std::random_device random;
    state.settings.seed = std::uint64_t{random()} << 32 | random();
    state.settings.epoch = random_epoch(std::uint64_t{random()} << 32 | random());
    state.settings.server_name = c.server.name;
    state.settings.default_room = c.server.default_room;
    state.settings.inbox = c.server.inbox;
    state.settings.heartbeat = c.server.heartbeat;
    state.settings.rooms = all_room_types();
    tell_the_log(state.observers);
    // `main` waits for the signal: there is one way to end. A second one would end it at once.
    state.routes.begin_drain = [this] {
      if (http.ready.exchange(false))
        ::kill(::getpid(), SIGTERM);
    };
    if (c.log.level <= log_level::debug || !c.log.trace_user.empty())
      log_connections();
    http.page = {page, "text/html; charset=utf-8", page_sha256};
    http.client = {page_client, "text/javascript; charset=utf-8", page_client_sha256};
    http.deflate = c.deflate;
    state.board.replace(live_settings_of(c));
    state.settings.expiry_grace = c.auth.expiry_grace;
    http.tokens_required = c.auth.required;
    http.auth_reject = c.auth.reject;
    http.origin_reject = c.server.origin_reject;
    http.echo = c.debug.echo;
    http.trace_user = c.log.trace_user;
    http.connection_limits = std::make_unique<connection_limits>(state.board);
    state.settings.admit_user = [this](const std::string& user_id, gcra::time_point now) {
      return http.connection_limits->of_user({}, user_id, now);
    };
    http.refused_rate = std::make_unique<refused_rate>(state.board);
    http.metrics = c.metrics.enabled;
    http.metrics_key = c.metrics.key;
    if (c.tls.wanted())
      http.transports.tls = std::make_unique<tls_certificates>(c.tls);
    http.transports.tls_required = c.tls.required;
    http.transports.proxy = c.proxy;
    if (from.tokens)
      state.settings.verify = [keys = std::move(from.tokens), this](std::string_view token) {
        return keys->verify(token, state.observers.now());
      };
  }

  // Each on the loop of its connection, whose log it is.
  void log_connections() {
    const auto log_of = [this](connection_id id) -> connection_log& {
      return loops[id.loop()]->http.connection_log();
    };
    state.observers.opened = [log_of](connection_id id, const identity* who,
                                      std::string_view user) { log_of(id).opened(id, who, user); };
    state.observers.identified = [log_of](connection_id id, const identity& who,
                                          const client_address& from) {
      log_of(id).identified(id, who, from);
    };
    state.observers.closed = [log_of](connection_id id, const identity* who, close_code code,
                                      std::string_view why) {
      log_of(id).closed(id, who, code, why);
    };
  }

  text_result<> check_port(const char* key, std::uint16_t port) const {
    auto free = listener::check_can_listen(address, port);
    if (!free)
      return fail(cannot_listen(key, port, free.error()));
    return free;
  }

  std::string cannot_listen(const char* key, std::uint16_t port, const std::string& why) const {
    return std::string(key) + ": cannot listen on " + address + " port " + std::to_string(port) +
           ": " + why;
  }

  // Starts the loops and binds the ports on each; returns the first.
  text_result<std::uint16_t> start_loops() {
    for (auto& each : loops)
      each->loop.start();
    // They have descriptor tables of their own by then: else those would keep open what is opened
    // here, the lock and the probe.
    for (auto& each : loops)
      each->run([] {});
    const auto alone = port_lock::take({settings.server.port, tls_port()});
    auto free = alone ? check_port(port_key, settings.server.port)
                      : fail(cannot_listen(port_key, settings.server.port, alone.error()));
    if (free && tls_port() != 0)
      free = check_port(tls_port_key, tls_port());
    text_result<std::uint16_t> port = settings.server.port;
    if (!free)
      port = fail(std::move(free).error());
    for (auto& each : loops)
      each->run([&] {
        if (port)
          port = bind(*each, *port);
      });
    return port;
  }

  text_result<std::uint16_t> bind(loop_parts& on, std::uint16_t port) {
    if (tls_port() != 0)
      if (const auto bound = on.listening_tls.bind(address, tls_port()); !bound)
        return fail(cannot_listen(tls_port_key, tls_port(), bound.error()));
    auto bound = on.listening.bind(address, port);
    if (!bound)
      return fail(cannot_listen(port_key, port, bound.error()));
    return bound;
  }

  // 0 where there is none but the port for everything.
  std::uint16_t tls_port() const {
    return settings.tls.port == settings.server.port ? std::uint16_t{0} : settings.tls.port;
  }

  static constexpr const char* port_key = "server.port";
  static constexpr const char* tls_port_key = "tls.port";

  const config settings;
  const std::string address;
  const thread_counts counts;
  system_config caf_config;
  caf::actor_system system;
  server_state state;
  http_settings http;
  std::vector<std::unique_ptr<loop_parts>> loops;
  std::unique_ptr<bus_parts> bus; // where one is configured
  std::unique_ptr<heap_trim> trim;
};

server::server(startup from) : parts_(std::make_unique<parts>(std::move(from))) {}

server::~server() {
  auto& p = *parts_;
  if (p.bus)
    p.bus->finish();
  if (p.trim)
    p.loops.front()->run([&] { p.trim->stop(); });
  for (const auto& each : p.state.routes.outlets)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  for (const auto& each : p.state.routes.archives)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  if (p.state.routes.directory)
    caf::anon_send_exit(p.state.routes.directory, caf::exit_reason::user_shutdown);
  if (p.state.routes.users)
    caf::anon_send_exit(p.state.routes.users, caf::exit_reason::user_shutdown);
  p.system.await_all_actors_done();
  for (auto& each : p.loops)
    each->run([&] {
      each->http.close();
      each->listening.stop();
      each->listening_tls.stop();
    });
  for (auto& each : p.loops)
    each->loop.stop();
  p.bus = nullptr;
  p.state.routes.outlets.clear();
  p.state.routes.archives.clear();
  p.state.routes.directory = nullptr;
  p.state.routes.users = nullptr;
}

text_result<std::uint16_t> server::start() {
  auto& p = *parts_;
  for (std::uint32_t number = 0; number < p.counts.loops; ++number)
    p.loops.push_back(
      std::make_unique<loop_parts>(p.system, p.state, p.http, number, p.counts.loops));
  p.state.routes.home_of = [&p](audience_kind kind, std::string_view name) {
    return static_cast<std::uint32_t>(p.state.settings.hash_of(kind, name) % p.loops.size());
  };
  p.state.routes.loop_of = [&p](audience_kind kind, std::string_view name) {
    return &p.loops[p.state.routes.home_of(kind, name)]->loop;
  };
  p.state.routes.directory =
    spawn_placed<directory>(p.system, &p.loops.front()->loop, p.state.context);
  p.state.routes.users = spawn_placed<users>(p.system, &p.loops.back()->loop, p.state.context);
  if (p.settings.nats.wanted())
    p.bus = std::make_unique<bus_parts>(p.system, &p.loops.back()->loop, p.state, p.settings);
  auto port = p.start_loops();
  if (!port)
    return port;
  p.http.ready = true;
  for (auto& each : p.loops)
    each->run([&] {
      each->listening.start();
      if (p.tls_port() != 0)
        each->listening_tls.start();
    });
  auto& first = *p.loops.front();
  p.trim = std::make_unique<heap_trim>(first.loop, p.state.context);
  first.run([&] { p.trim->start(); });
  return port;
}

std::string server::describe(std::uint16_t port) const {
  const auto& p = *parts_;
  return describe_listening(p.address, port, p.settings.tls.required, p.tls_port());
}

void server::reload() {
  const auto& tls = parts_->http.transports.tls;
  log_info(tls ? "SIGHUP: reading the TLS certificate again; settings take a restart"
               : "SIGHUP: nothing to read again without a TLS certificate; settings take a "
                 "restart");
  if (tls)
    tls->reload();
}

// The port stays open while there are connections: who asks is told that this server is about to
// go.
void server::drain(const wait_function& wait) {
  auto& p = *parts_;
  p.http.ready = false;
  const auto& how = p.settings.server;
  // Who is closed last and does not answer is reset a little after its time.
  constexpr std::chrono::milliseconds to_end{250};
  const auto end = std::chrono::steady_clock::now() + how.drain +
                   p.state.board.current().bounds.close_timeout + to_end;
  // Each loop closes its share of the rate, so that all come to an end at the same time.
  const double rate_each =
    static_cast<double>(how.drain_rate) / std::max(1u, p.state.metrics.connections.load());
  for (std::size_t i = 0; i < p.loops.size(); ++i) {
    caf::anon_send(p.state.routes.outlets[i], troupe::drain{how.drain, rate_each});
    p.loops[i]->run([&] { p.loops[i]->http.drain(); });
  }
  const auto wait_until = [&](const auto& done) {
    constexpr std::chrono::milliseconds step{5};
    while (!done())
      if (std::chrono::steady_clock::now() >= end || wait(step))
        return false;
    return true;
  };
  const bool in_time = wait_until([&p] { return p.state.metrics.connections.load() == 0; });
  for (auto& each : p.loops)
    each->run([&] {
      each->listening.stop();
      each->listening_tls.stop();
    });
  if (in_time)
    wait_until([&p] {
      return std::ranges::all_of(p.loops, [](auto& l) { return l->http.unanswered() == 0; });
    });
  log_info("drained", {{"connections_left", p.state.metrics.connections.load()}});
}

} // namespace troupe
