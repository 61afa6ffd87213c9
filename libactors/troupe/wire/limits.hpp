// Every bound of the server, with its arithmetic. Pure.
//
// A bound is here when input from outside could otherwise make something grow. The server's
// configuration overrides the defaults (`[limits]` in docs/troupe.example.toml); the code has no
// other place for such numbers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe {

struct limits {
  /// Longest message a client may send, bytes after reassembly. A longer one closes with 1009.
  std::size_t frame_bytes_max = 64 * 1024;

  /// Bytes waiting in the outbox of a connection whose transport takes no more, before the
  /// slow-consumer policy acts (4409); a quarter of it is written at once. 1 MiB is 16 of the
  /// longest messages, or 2.5 s of a 400 kB/s stream.
  std::size_t outbox_bytes_max = 1024 * 1024;

  /// Bad frames in a row before a connection is closed with 1008.
  std::uint32_t bad_frames = 10;

  /// Deepest nesting of arrays and objects in a message. The scanner keeps one bit a level.
  std::uint32_t json_depth_max = 64;

  /// Topics and rooms of one connection: 16 bytes each in the connection, 16 in the outlet.
  std::uint32_t topics_per_connection_max = 128;
  std::uint32_t rooms_per_connection_max = 32;

  /// Members of one room: about 150 bytes in its roster and, where presence is kept, 200 more
  /// and the state that its user shows. So 35 MB at this bound, and 100 MB of the longest states.
  std::uint32_t members_per_room_max = 100'000;

  /// Rooms and topics alive at once: about 2 KiB each, so 200 MB for each kind at this bound.
  std::uint32_t rooms_max = 100'000;
  std::uint32_t topics_max = 100'000;

  /// Patterns by which anybody listens to topics: about 300 bytes each for the directory, and the
  /// same twice for each loop, so 10 MB with two loops at this bound.
  std::uint32_t patterns_max = 10'000;

  /// Rooms and topics that have to be made for one connection, a minute in the long run; 0: any
  /// number. A message may name as many topics as a connection may have, so they have a budget of
  /// their own; after a restart all names of a client are new at once: see `names_made_burst`.
  std::uint32_t names_made_per_minute = 600;
  std::uint32_t names_made_burst() const {
    return topics_per_connection_max + rooms_per_connection_max;
  }

  /// What one connection, one user, one address may hold of what there is for all (rooms, topics,
  /// calls of services, HTTP sockets, TLS handshakes), percent of that bound. It matters only while
  /// more than half of it is taken: see share_table.hpp.
  std::uint32_t connection_share = 5;
  std::uint32_t user_share = 10;
  std::uint32_t address_share = 25;

  /// Open connections of the whole server; one more is refused with 503.
  std::uint32_t connections_max = 1'000'000;

  /// Messages of one connection that are on their way to rooms and topics. Beyond it the connection
  /// is not read until some have arrived: 64 x 64 KiB bounds what one client can have queued at 4
  /// MiB.
  std::uint32_t in_flight_max = 64;

  /// Calls of services that wait for an answer, of one connection and in all: a call keeps its
  /// arguments until it is written, and then about 1 KiB.
  std::uint32_t rpc_calls_per_connection_max = 16;
  std::uint32_t rpc_calls_max = 10'000;

  /// `msg_id`s a topic or room remembers to recognise a repeated message: about 200 bytes each.
  std::uint32_t msg_ids_per_topic_max = 256;

  /// Bytes of all histories together, with what rooms and topics leave behind besides.
  std::size_t history_bytes_max = 256 * 1024 * 1024;

  /// Messages that a client that comes back is sent again at most; if it missed more, it is told so
  /// instead. And entries of one page of a history.
  std::uint32_t history_recover_max = 1'000;
  std::uint32_t history_page_max = 1'000;

  /// What the logic of one room may leave for its next life, bytes.
  std::size_t remembered_bytes_max = 16 * 1024;

  /// How long a client may take nothing of what it is sent again, before it is too slow (4409).
  std::chrono::milliseconds replay_stall{10'000};

  /// The state that a user shows others in one room or on one topic, bytes of JSON: one of them is
  /// kept for each user there.
  std::size_t presence_state_bytes_max = 1024;

  /// Entries of one page of who is there.
  static constexpr std::uint32_t presence_page_max = 1'000;

  /// Users, tokens and addresses denied at once, and as many mutes and denials in rooms: about 150
  /// bytes each, and each denial copies its list.
  std::uint32_t denials_max = 10'000;

  /// Longest `id` of a request, `msg_id`, `event` and user name, bytes.
  std::size_t id_bytes_max = 128;
  std::size_t user_bytes_max = 128;

  /// Messages of one connection a minute, in the long run and at once (`rate_limited`); 0: any
  /// number. WebSocket pings count, and pongs beyond one for each ping. 100 a second is beyond any
  /// person. At once, 0 is a minute's worth, at most 1000: a client that says again what it had to
  /// keep back. Never more than a minute's worth, or the rate would say nothing.
  std::uint32_t messages_per_minute = 6'000;
  std::uint32_t messages_burst = 0;

  /// The same for all connections of one user together; 0: any number.
  std::uint32_t user_messages_per_minute = 0;
  std::uint32_t user_messages_burst = 0;

  /// Signals of one connection a minute, in the long run and at once; 0: any number, and a minute's
  /// worth, at most 1000. Ten a second is a cursor that moves. They do not count as messages,
  /// unless they are refused: then each takes one, so that nobody asks in vain for nothing.
  std::uint32_t signals_per_minute = 600;
  std::uint32_t signals_burst = 0;

  /// Longest content of a signal, bytes: it goes to all others and waits for none of them.
  std::size_t signal_bytes_max = 4 * 1024;

  /// Refused messages, less those let through since, that close a connection (4429): who sends no
  /// more than twice its rate never gets there, who floods is gone after its burst and these.
  std::uint32_t rate_refusals_max = 100;

  /// Sockets of one client address (an IPv6 one counts with its /64), and connections of one user;
  /// 0: any number. About 100 bytes an address or user that has any.
  std::uint32_t connections_per_address_max = 0;
  std::uint32_t connections_per_user_max = 0;

  /// New sockets a second, of all clients together (503); 0: any number.
  std::uint32_t accepts_per_second = 0;

  /// Sockets that are no WebSocket (yet): one more takes the place of the one that has kept the
  /// server waiting longest, among those of the address that has most. Each has at most one request
  /// in memory: 4096 x 264 KiB is 1 GiB.
  std::uint32_t http_sockets_max = 4'096;

  /// TLS handshakes that have begun and are not over, about 40 KiB each; one more takes the place
  /// of the oldest of whoever has most.
  std::uint32_t tls_handshakes_max = 1'024;

  /// Request line and header fields, and body, of one HTTP request, bytes (431, 413).
  std::size_t http_header_bytes_max = 8 * 1024;
  std::size_t http_body_bytes_max = 256 * 1024;

  /// Requests of one address (an IPv6 one counts with its /64) a minute, and at once, that are
  /// refused or cost a lot, and show no right key or token (429); 0: any number. About 100 bytes an
  /// address until it has its whole budget again.
  std::uint32_t refused_requests_per_minute = 600;

  /// From accept to the end of the HTTP request (408); of each later one from its first byte. And
  /// how long a client may take to read an answer.
  std::chrono::milliseconds handshake_timeout{10'000};

  /// From an HTTP answer to the next request on the same socket. Longer than the 60 s for which
  /// proxies commonly keep theirs, so that it is not the server that closes.
  std::chrono::milliseconds keep_alive_timeout{75'000};

  /// From our close frame to the end of the socket.
  std::chrono::milliseconds close_timeout{3'000};

  /// How long an empty room or topic is kept before it is retired.
  std::chrono::milliseconds room_idle_timeout{60'000};
  std::chrono::milliseconds topic_idle_timeout{60'000};
};

} // namespace troupe
