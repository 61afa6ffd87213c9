// The far ends of many loopback connections, read by a process of their own so that their cost does
// not mix with the sender's. Belongs to the sender's thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <semaphore.h>
#include <sys/types.h>

namespace troupe::bench {

class receivers {
public:
  /// Forks a process that connects `count` times and reads what comes. `late`: it sleeps until
  /// `await` is called, so that the sender never has to wake it: as if it were another machine.
  /// Throws when the machine does not allow so many sockets.
  receivers(std::size_t count, bool late);
  ~receivers();
  receivers(const receivers&) = delete;
  receivers& operator=(const receivers&) = delete;

  /// The near ends.
  const std::vector<int>& sockets() const { return sockets_; }
  /// The process that has the far ends.
  pid_t pid() const { return child_; }
  /// Sleeps until `bytes` more than at the last call have arrived. Throws when they do not.
  void await(std::uint64_t bytes);
  /// How often something was read.
  std::uint64_t reads() const { return tally_->reads.load(); }

private:
  struct tally { // shared by the two processes
    std::atomic<std::uint64_t> bytes;
    std::atomic<std::uint64_t> reads;
    std::atomic<std::uint64_t> expected; // bytes
    sem_t turns;                         // posted when there is more to read
  };

  [[noreturn]] void run(std::uint16_t port, std::size_t count);
  void read_ready(int epoll);

  const bool late_;

  tally* tally_;
  pid_t child_ = -1;
  std::vector<int> sockets_;
};

} // namespace troupe::bench
