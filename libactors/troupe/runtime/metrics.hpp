// The counters of a running server: a set for each I/O loop, and a few for the whole server.
//
// Only a loop's own thread writes its counters, with a plain load and store: no lock prefix, and no
// cache line that another thread writes. Rendering `/metrics` reads all of them from its own
// thread: numbers may be a moment old, and nothing waits. Thread-safe.
#pragma once

#include "troupe/wire/errors.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

namespace troupe {

/// Of what durations are measured with, in virtual time too: only whole turns and broadcasts are
/// timed, never a delivery.
using metrics_clock = std::chrono::steady_clock;

/// Written by one thread, read by any.
class counter {
public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// Written by any thread: for what is rare.
class shared_counter {
public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// How often something took how long. Written by one thread, read by any.
class duration_histogram {
public:
  /// Upper ends of the buckets, in nanoseconds; one more bucket has no end.
  static constexpr std::array<std::int64_t, 16> bounds{
    25'000,      50'000,      100'000,       250'000,      500'000,    1'000'000,
    2'500'000,   5'000'000,   10'000'000,    25'000'000,   50'000'000, 100'000'000,
    250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000};

  void observe(std::chrono::nanoseconds took);

  /// Durations in bucket `i` alone.
  std::uint64_t bucket(std::size_t i) const { return buckets_[i].value(); }
  std::uint64_t sum_nanoseconds() const { return sum_.value(); }

private:
  std::array<counter, bounds.size() + 1> buckets_;
  counter sum_;
};

/// Why something did not reach a client. `refused` counts messages that were not taken from one;
/// the others count frames, one for each connection that did not get it.
enum class drop_reason : std::uint8_t {
  slow_consumer, ///< its outbox was full, or was emptied to close it with 4409
  gap,           ///< its outbox was full, and a `gap` frame says so (drop_oldest, latest_only)
  expired,       ///< its time was over (`ttl_ms`) before the client took it
  closing,       ///< it had been told to go, or was not let in yet
  gone,          ///< it was no more when the frame came for it
  lost,          ///< its socket ended with the frame still waiting
  refused        ///< not allowed, not well-formed, too much: its sender was told why
};
inline constexpr std::array<std::string_view, 7> drop_reason_names{
  "slow_consumer", "gap", "expired", "closing", "gone", "lost", "refused"};

/// Why a signal did not reach somebody, or was not taken from its sender: `rate_limited`.
enum class signal_drop : std::uint8_t {
  slow_reader, ///< its socket took no more, or much waited for it
  replaying,   ///< it was still being sent what it had missed there
  closing,     ///< it had been told to go, or was not let in yet
  rate_limited ///< its sender has too many
};
inline constexpr std::array<std::string_view, 4> signal_drop_names{"slow_reader", "replaying",
                                                                   "closing", "rate_limited"};

/// Why a socket or a handshake was refused.
enum class refusal_reason : std::uint8_t {
  bad_request,  ///< no HTTP, or not a valid opening handshake
  timeout,      ///< the request did not come in time
  too_large,    ///< header or body
  tls,          ///< the TLS handshake failed
  token,        ///< none, or not a valid one
  origin,       ///< not on the list
  full,         ///< limits.connections_max
  per_address,  ///< too many of one address
  banned,       ///< an admin keeps its address out
  per_user,     ///< too many of one user
  accept_rate,  ///< too many a second
  refused_rate, ///< its address was refused too often
  descriptors,  ///< descriptors or memory have run out
  draining      ///< the server is about to end
};
inline constexpr std::array<std::string_view, 14> refusal_reason_names{
  "bad_request", "timeout", "too_large", "tls",         "token",        "origin",      "full",
  "per_address", "banned",  "per_user",  "accept_rate", "refused_rate", "descriptors", "draining"};

/// What there is for all, so that nobody may take it all: see `share_table`.
enum class shared_resource : std::uint8_t {
  topics,
  rooms,
  patterns,
  rpc_calls,
  http_sockets,
  tls_handshakes
};
inline constexpr std::array<std::string_view, 6> shared_resource_names{
  "topics", "rooms", "patterns", "rpc_calls", "http_sockets", "tls_handshakes"};

/// What became of what was sent to a user who has an inbox.
enum class inbox_outcome : std::uint8_t {
  heard, ///< some connection of theirs was there
  kept,  ///< none was, and it waits
  lost   ///< none was, and nothing is kept there
};
inline constexpr std::array<std::string_view, 3> inbox_outcome_names{"heard", "kept", "lost"};

/// Of an HTTP answer; what is not in the list counts as the last one, "other".
inline constexpr std::array<unsigned, 21> http_statuses{200, 204, 304, 400, 401, 403, 404,
                                                        405, 408, 409, 413, 421, 422, 426,
                                                        429, 431, 500, 501, 503, 504, 0};

inline constexpr std::array error_codes{
#define TROUPE_ERROR(code, message, http_status) errc::code,
#include "troupe/wire/errors.def"
};

inline constexpr std::array close_codes{
#define TROUPE_CLOSE(name, code, reason, reconnect) close_code::name,
#include "troupe/wire/errors.def"
};

/// A counter for each value of an enumeration that counts from 0.
template <class Enum, std::size_t Size, class Counter = counter>
class counters {
public:
  void add(Enum which, std::uint64_t n = 1) { each_[static_cast<std::size_t>(which)].add(n); }
  std::uint64_t value(std::size_t i) const { return each_[i].value(); }

private:
  std::array<Counter, Size> each_;
};

/// Of one I/O loop: its thread writes.
struct alignas(64) loop_metrics {
  // What every read, write or broadcast counts.
  counter bytes_in;
  counter bytes_out;
  counter frames_in;
  counter frames_out;
  counter broadcasts; ///< frames for the listeners of an audience, once a loop
  counter deliveries; ///< frames for one connection, of broadcasts and others
  counter by_pattern; ///< of these deliveries, those to who listens by a pattern
  counter encodings;  ///< frames made on this loop: for one client, or for all of one form

  counter replays;  ///< listeners that came back and were sent what they had missed
  counter replayed; ///< frames that they were sent for it

  counter signals; ///< taken from clients
  counters<signal_drop, signal_drop_names.size()> signals_dropped;

  counter sockets_accepted;
  counter connections_opened;
  counter closed_by_client; ///< it sent the first close frame
  counter closed_without;   ///< its socket ended, and nobody had closed

  counters<drop_reason, drop_reason_names.size()> dropped;
  counters<errc, error_codes.size()> errors; ///< that its connections told their clients
  counters<refusal_reason, refusal_reason_names.size()> refused;

  /// From a message's arrival, or from its place in a room or topic where no client sent it, to an
  /// outlet; and until it was written to the sockets of that loop. Once a turn, for the message
  /// that had waited longest.
  duration_histogram queue_delay;
  duration_histogram delivery_latency;
  /// From when the kernel had something for the loop until all of it was done and written.
  duration_histogram turns;

  /// As the last look at all outboxes found it: see `measure_outboxes`.
  std::atomic<std::uint64_t> outbox_bytes{0};
  std::atomic<std::uint64_t> outboxes_waiting{0};

  /// The server closed a connection.
  void closed(close_code why);
  std::uint64_t closes(std::size_t i) const { return closes_[i].value(); }

  /// An HTTP request was answered.
  void answered(unsigned status);
  std::uint64_t answers(std::size_t i) const { return answers_[i].value(); }

private:
  std::array<counter, close_codes.size() + 1> closes_; // the last one: no code of errors.def
  std::array<counter, http_statuses.size()> answers_;
};

/// of the whole server. Rooms and topics write the errors they send, which are no loop's.
class core_metrics {
public:
  /// The counters of a loop, made at the first call. Not while others read: before the first
  /// connection.
  loop_metrics& of_loop(std::uint32_t number);
  const std::deque<loop_metrics>& loops() const { return loops_; }

  counters<errc, error_codes.size(), shared_counter> errors;
  counters<drop_reason, drop_reason_names.size(), shared_counter> dropped;
  /// How often one was taken from who holds most, or more than its share; and refused to such a
  /// one.
  counters<shared_resource, shared_resource_names.size(), shared_counter> shares_yielded;
  counters<shared_resource, shared_resource_names.size(), shared_counter> shares_refused;
  counters<inbox_outcome, inbox_outcome_names.size(), shared_counter> inbox;
  std::atomic<std::uint32_t> rooms{0};
  std::atomic<std::uint32_t> topics{0};
  std::atomic<std::uint32_t> patterns{0}; ///< by which somebody listens

  /// A room, topic or the directory did not carry out what a client asked for.
  void refused(errc why) {
    errors.add(why);
    dropped.add(drop_reason::refused);
  }

private:
  std::deque<loop_metrics> loops_;
};

} // namespace troupe
