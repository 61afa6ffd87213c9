// What can be said on the command line, and the plan that follows from it.
#pragma once

#include "plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::bench {

struct settings {
  std::string mode;
  std::string url = "ws://127.0.0.1:8081";
  std::string room = "bench"; // name of the room or topic, or how their names begin
  std::string topic;          // fanout: Troupe's topic instead of a room
  std::vector<std::string> headers;
  std::vector<std::string> http_headers;
  std::vector<std::string> hello;
  std::string await;
  std::string publish;
  std::string publish_http;
  std::optional<std::string> ping;
  std::optional<std::string> pong;
  bool answer_pings = true;
  bool binary = false;
  bool no_echo = false;
  std::size_t overhead = 0;

  std::uint32_t connections = 1'000;
  std::uint32_t room_size = 20;
  std::uint32_t talkers = 0;       // rooms: of each room; 0: all
  std::uint32_t publishers = 1;    // fanout
  double rate = 0;                 // fanout: broadcasts/s; rooms: messages/s from each talker
  std::uint32_t window = 64;       // fanout without a rate
  std::uint32_t subscribers = 500; // mixed: of the topic
  double topic_rate = 5;
  std::uint32_t churners = 50;
  double hold = 5;
  double ping_every = 10;
  std::uint32_t cycles = 3;
  std::uint32_t broadcasts = 0; // idle

  std::size_t payload = 100;
  double duration = 10;
  double warmup = 2;
  double drain = 10;
  std::uint32_t processes = 0; // 0: as many as the limit of open files asks for
  std::uint32_t sources = 8;
  std::uint32_t concurrency = 128;
  double connect_rate = 0;
  std::vector<pid_t> pids;
  bool json = false;
};

// Throws std::invalid_argument with a text for the user where the settings make no sense.
plan make_plan(const settings& s);

// The soft limit of open files raised to the hard one; returns it.
std::size_t raise_open_files();

} // namespace troupe::bench
