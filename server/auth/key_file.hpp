// A file of keys that is read again when it has changed, so that keys rotate without a restart.
//
// Thread-safe. At most once a second one caller looks at the file (a `stat`), and reads it if it
// looks different; the others go on with the keys there are. A file that has become wrong or is
// gone changes nothing but the log.
#pragma once

#include "server/auth/token_key.hpp"
#include "troupe/wire/result.hpp"
#include "troupe/wire/timestamp.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace troupe {

/// How a file looks from outside; all zero: not there.
struct file_looks {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified = 0, changed = 0; ///< nanoseconds since 1970
  bool operator==(const file_looks&) const = default;
};

class key_file {
public:
  using keys_ptr = std::shared_ptr<const token_keys>;
  using reader = std::function<text_result<keys_found>(std::string_view text)>;

  key_file(std::string path, reader read);

  /// Reads it for the first time. Returns what is said of keys that cannot be used.
  text_result<std::vector<std::string>> load();

  /// The keys that count at `now`.
  keys_ptr keys(wall_time now);

private:
  struct content {
    file_looks looks;
    std::string text;
  };

  text_result<content> read_file() const;
  bool may_have_changed() const;
  void look_again();
  void replace(keys_found fresh);
  void warn(const std::string& error) const;

  const std::string path_;
  const reader read_;

  std::atomic<wall_time::rep> looked_{0};
  std::mutex looking_; ///< one caller at a time; guards what follows
  file_looks looks_;
  bool settled_ =
    false; ///< false: it changed so recently that a change could leave its looks alone
  std::string text_;

  mutable std::mutex swapping_; ///< guards `keys_`, for the copy of a pointer
  keys_ptr keys_;
};

} // namespace troupe
