// The requests that have no answer yet, in the order in which they were made: those that wait for a
// connection, and those that the server has. Pure: it is told the time.
#pragma once

#include "troupe_client/frame.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace troupe_client::detail {

using answer_taker = std::function<void(result<frame_ptr>)>;

enum class request_kind {
  ask,     ///< waits for a connection; once sent, it is not sent again
  repeat,  ///< has a `msg_id`: is sent again when its connection was lost
  signal,  ///< gets no answer, and never waits
  control, ///< the client's own: belongs to one connection
};

struct pending_request {
  using clock = std::chrono::steady_clock;
  std::uint64_t id = 0;
  request_kind kind = request_kind::ask;
  std::string text{};
  clock::time_point deadline = clock::time_point::max();
  answer_taker then{};
  bool sent = false;
};

class request_table {
public:
  using clock = pending_request::clock;

  std::uint64_t next_id() { return ++last_id_; }

  void add(pending_request request) {
    waiting_ += waits(request) ? 1 : 0;
    requests_.emplace(request.id, std::move(request));
  }

  /// What waits to be sent, without the client's own.
  std::size_t waiting() const { return waiting_; }
  std::size_t size() const { return requests_.size(); }

  /// The first that is not sent. It counts as sent from then on; a signal is taken out.
  std::optional<pending_request> send_next();

  std::optional<pending_request> take(std::uint64_t id);

  /// What this connection was lost for, where it was for a frame that is too long: the longest that
  /// was sent and has no answer, unless a signal was longer. Before `lost`.
  std::optional<pending_request> take_too_long();

  /// The connection is gone: what is not to be sent again is returned, the rest waits.
  std::vector<pending_request> lost();

  std::vector<pending_request> expired(clock::time_point now);
  std::optional<clock::time_point> earliest() const;
  std::vector<pending_request> clear();

private:
  static bool waits(const pending_request& of) {
    return !of.sent && of.kind != request_kind::control;
  }

  template <class Which>
  std::vector<pending_request> take_if(Which which);

  std::map<std::uint64_t, pending_request> requests_; // by id, which is by age
  std::uint64_t last_id_ = 0;
  std::uint64_t sent_to_ = 0; // all up to this id are sent
  std::size_t waiting_ = 0;
  std::size_t longest_signal_ = 0; // of those that were sent on this connection
};

} // namespace troupe_client::detail
