// Many equal clients of one server that do everything at once: connect, say something, are cut,
// come back. Each checks that the numbered frames it gets are one after another. Runs in one
// thread.
#pragma once

#include "bench/load/socket_pool.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::bench {

class crowd final : socket_events {
public:
  /// What has happened since the last `restart`; offsets are of those who read.
  struct report {
    std::uint32_t open = 0;
    std::uint64_t frames = 0; ///< that came, heartbeats left out
    std::uint64_t bytes = 0;  ///< of them
    std::uint64_t offset_min = 0;
    std::uint64_t offset_max = 0;
    std::uint64_t holes = 0;                     ///< frames whose offset was not the next
    std::uint64_t twice = 0;                     ///< frames whose offset was not above the last
    std::uint32_t counted = 0;                   ///< frames that begin with what was to be counted
    std::map<std::string, std::uint32_t> closed; ///< by reason; not those that were cut
  };

  crowd(const sockaddr_in& target, std::string host, std::uint32_t clients);

  /// Every so many of them will read nothing once connected; 0: all read.
  void silence(std::uint32_t every);
  /// All connect to `path`, `rate` in a second (0: as fast as they can), say `hello` (texts), and
  /// are open when a frame has `await` in it. The next numbered frame of each has `offset` + 1.
  void open(const std::string& path, const std::vector<std::string>& hello, std::string await,
            std::uint64_t offset, double rate);
  /// RST, all of them.
  void cut();
  /// Each says this, one after another, evenly spread over so many seconds.
  void say(std::string_view text, double seconds);
  /// Frames that begin so are counted.
  void count(std::string beginning) { counted_ = std::move(beginning); }

  void restart();
  report now() const;
  /// Whether all who read have come to this offset.
  bool reached(std::uint64_t offset) const;
  /// All that is to be said has been.
  bool said() const { return to_say_ == clients_; }

  /// Reads, writes and connects what is ready, for at most so long.
  void work(std::uint64_t nanoseconds);

private:
  bool reads(std::uint32_t link) const { return silent_every_ == 0 || link % silent_every_ != 0; }
  void on_open(std::uint32_t link) override;
  void on_closed(std::uint32_t link, std::string_view why) override;
  void on_payload(std::uint32_t link, std::string_view payload) override;
  void on_response(std::uint32_t, int) override {}
  void say_due();

  const std::string host_;
  const std::uint32_t clients_;
  greeting words_; // of all
  socket_pool pool_;
  std::vector<std::uint64_t> offsets_;
  std::uint32_t silent_every_ = 0;
  std::string counted_;
  std::string frame_;
  std::uint32_t to_say_ = 0; // who is the next to say it
  std::uint64_t say_from_ = 0;
  double say_ns_ = 0;
  report report_;
};

} // namespace troupe::bench
