// What a run does, as plain values: which audiences exist on the server, who talks in them and how
// often, how it is measured. The subcommands only fill in a plan; the workers carry it out.
#pragma once

#include "token.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/types.h>

namespace troupe::bench {

// How to talk to a server: texts are templates (message_template.hpp).
struct dialect {
  std::string path;                      // of the WebSocket
  std::vector<std::string> headers;      // of the handshake and of HTTP requests, "Name: value"
  std::vector<std::string> http_headers; // of HTTP requests alone
  std::vector<std::string> hello;        // frames to send once connected
  std::string await;        // part of the frame that acknowledges them; empty: do not wait
  std::string publish;      // one message
  std::string publish_http; // path to POST messages to; empty: over the publisher's WebSocket
  std::string ping = R"({"type":"ping")";  // a text frame that begins so ...
  std::string pong = R"({"type":"pong"})"; // ... is answered with this; empty: not answered
  std::size_t overhead = 0; // bytes of `publish` that are not payload but the dialect's own
  bool binary = false;      // frames are binary, not text
  bool echo = true;         // a publisher that is a member receives its own messages
};

// Equal rooms or topics.
struct audience_group {
  std::string name; // of each on the server; a number is added when there are several
  dialect speech;
  std::uint32_t audiences = 1;
  std::uint32_t members = 0;    // of each audience
  std::uint32_t publishers = 1; // of each audience: its first members, or HTTP connections
  double rate = 0;              // messages per second from each publisher
  bool spanning = false;        // the members of its one audience are spread over all workers
};

struct plan {
  enum class kind { messages, idle, churn };

  std::string mode;
  kind what = kind::messages;
  std::vector<audience_group> groups;
  std::uint32_t window = 0;  // flat out with so many broadcasts outstanding; 0: paced
  std::size_t payload = 100; // bytes of a published message
  double warmup = 2;         // seconds before measuring
  double duration = 10;
  double drain = 10;            // seconds to wait for what is still under way
  std::uint32_t broadcasts = 0; // idle: to everybody, one after another, once measured
  std::uint32_t cycles = 3;     // churn: how often all connections are opened and closed
  std::uint32_t churners = 0; // mixed: connections that come and go in the first group's audiences
  double hold = 5;            // seconds that each of these stays
  std::string client_ping;    // mixed: a frame each connection sends ...
  double client_ping_every = 0; // ... every so many seconds
  std::string client_pong;      // ... and how its answer begins

  sockaddr_in target{};
  std::string host; // for the Host header
  std::uint32_t processes = 1;
  std::uint32_t sources = 8;
  std::uint32_t concurrency = 128;
  double connect_rate = 0;
  std::vector<pid_t> pids; // the server's processes
  run_mark mark{};

  bool flat_out() const noexcept { return window != 0; }
};

} // namespace troupe::bench
