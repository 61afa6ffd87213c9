#include "command.hpp"

#include "conductor.hpp"
#include "report.hpp"
#include "settings.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <exception>
#include <iostream>
#include <memory>

namespace troupe::bench {

namespace {

int run(const settings& s) {
  try {
    const auto p = make_plan(s);
    const auto r = conductor{p}.conduct();
    if (s.json)
      print_json(std::cout, p, r);
    else
      print_table(std::cout, p, r);
    return r.passed() ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "troupe bench: " << e.what() << '\n';
    return 2;
  }
}

void add_common(CLI::App& app, settings& s) {
  app.add_option("--url", s.url, "ws://HOST:PORT[/PATH]; PATH may contain {room}")
    ->capture_default_str();
  app.add_option("-n,--connections", s.connections, "Connections")->capture_default_str();
  app.add_option("--room", s.room, "Name of the room, or how the names of rooms begin")
    ->capture_default_str();
  app.add_option("--duration", s.duration, "Seconds to measure")->capture_default_str();
  app.add_option("--pid", s.pids, "The server's process, for its CPU and memory; repeatable");
  app.add_flag("--json", s.json, "Print one JSON object");
  app.add_option("--processes", s.processes, "Generator processes (default: as few as can be)");
  app.add_option("--sources", s.sources, "Loopback addresses to connect from, for each process")
    ->capture_default_str();
  app.add_option("--concurrency", s.concurrency, "Handshakes under way at once")
    ->capture_default_str();
  app.add_option("--connect-rate", s.connect_rate, "Connections begun per second (0: no limit)");
}

void add_dialect(CLI::App& app, settings& s) {
  app.add_option("--header", s.headers,
                 "\"Name: value\" for the handshake and for HTTP; repeatable");
  app.add_option("--hello", s.hello, "Frame to send once connected ({room}); repeatable");
  app.add_option("--await", s.await, "Part of the frame that acknowledges it");
  app.add_flag("--answer-pings,!--no-answer-pings", s.answer_pings,
               "Answer pings sent as text frames");
  app.add_option("--ping", s.ping, "How such a ping begins (default {\"type\":\"ping\")");
  app.add_option("--pong", s.pong, "The answer (default {\"type\":\"pong\"})");
  app.add_flag("--binary", s.binary, "Send binary frames");
}

void add_messages(CLI::App& app, settings& s) {
  app.add_option("--payload", s.payload, "Bytes of a published message")->capture_default_str();
  app.add_option("--publish", s.publish,
                 "A message: {time} (the token that receivers look for), {seq}, {room}, {pad}; "
                 "escapes \\r \\n \\xNN");
  app.add_option("--publish-http", s.publish_http, "Publish by POST to this path ({room}) instead");
  app.add_option("--overhead", s.overhead, "Bytes of --publish that do not count as payload");
  app.add_flag("--no-echo", s.no_echo, "Publishers do not receive their own messages");
  app.add_option("--warmup", s.warmup, "Seconds before measuring")->capture_default_str();
  app.add_option("--drain", s.drain, "Seconds to wait for what is under way at the end")
    ->capture_default_str();
}

void add_fanout(CLI::App& app, settings& s) {
  app.add_option("--topic", s.topic,
                 "A topic of Troupe's instead of a room (default without a path)");
  app.add_option("--rate", s.rate, "Broadcasts per second (0: flat out)");
  app.add_option("--window", s.window, "Flat out: broadcasts that not everybody has yet")
    ->capture_default_str();
  app.add_option("--publishers", s.publishers, "Members that take turns publishing")
    ->capture_default_str();
}

void add_idle(CLI::App& app, settings& s) {
  app
    .add_option("--broadcasts", s.broadcasts,
                "Then announcements to everybody, each when all have the one before: their times")
    ->capture_default_str();
  app.add_option("--http-header", s.http_headers,
                 "\"Name: value\" for the announcements alone; repeatable");
}

void add_rooms(CLI::App& app, settings& s) {
  app.add_option("--room-size", s.room_size, "Members of each room")->capture_default_str();
  app.add_option("--talkers", s.talkers, "Members of each room that talk (default: all)");
  app.add_option("--rate", s.rate, "Messages per second from each (default 1)");
}

void add_mixed(CLI::App& app, settings& s) {
  app.add_option("--subscribers", s.subscribers, "Subscribers of the topic")->capture_default_str();
  app.add_option("--topic", s.topic, "Name of the topic");
  app.add_option("--topic-rate", s.topic_rate, "Broadcasts per second to it")
    ->capture_default_str();
  app.add_option("--churners", s.churners, "Connections that come and go")->capture_default_str();
  app.add_option("--hold", s.hold, "Seconds each of these stays")->capture_default_str();
  app.add_option("--ping-every", s.ping_every, "Seconds between a client's pings (0: none)")
    ->capture_default_str();
}

CLI::App& add_mode(CLI::App& app, const std::string& name, const std::string& description,
                   int& exit_code, const std::shared_ptr<settings>& s) {
  auto& mode = *app.add_subcommand(name, description);
  s->mode = name;
  add_common(mode, *s);
  add_dialect(mode, *s);
  mode.callback([s, &exit_code] { exit_code = run(*s); });
  return mode;
}

} // namespace

void add_bench_modes(CLI::App& app, int& exit_code) {
  app.require_subcommand(1);
  const auto fanout = std::make_shared<settings>();
  auto& fanout_mode =
    add_mode(app, "fanout", "One room or topic with many subscribers", exit_code, fanout);
  add_messages(fanout_mode, *fanout);
  add_fanout(fanout_mode, *fanout);

  const auto rooms = std::make_shared<settings>();
  rooms->connections = 2'000;
  auto& rooms_mode =
    add_mode(app, "rooms", "Many rooms in which everybody talks", exit_code, rooms);
  add_messages(rooms_mode, *rooms);
  add_rooms(rooms_mode, *rooms);

  const auto idle = std::make_shared<settings>();
  idle->connections = 10'000;
  add_idle(add_mode(app, "idle", "Hold connections: memory and idle CPU", exit_code, idle), *idle);

  const auto connect = std::make_shared<settings>();
  connect->connections = 5'000;
  auto& connect_mode =
    add_mode(app, "connect", "Open and close connections: CPU per set-up", exit_code, connect);
  connect_mode.add_option("--cycles", connect->cycles, "How often; the first is not counted")
    ->capture_default_str();

  const auto mixed = std::make_shared<settings>();
  auto& mixed_mode =
    add_mode(app, "mixed", "Rooms, a topic, comers and goers, pings", exit_code, mixed);
  add_messages(mixed_mode, *mixed);
  add_rooms(mixed_mode, *mixed);
  add_mixed(mixed_mode, *mixed);
}

} // namespace troupe::bench
