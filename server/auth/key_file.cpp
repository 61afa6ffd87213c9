#include "server/auth/key_file.hpp"

#include "server/log/log.hpp"
#include "server/net/descriptor.hpp"

#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

namespace {

constexpr std::size_t file_bytes_max = 256 * 1024;
constexpr std::chrono::milliseconds between_looks{1000};

// Longer than the steps in which any usual file system counts time.
constexpr std::int64_t settling_nanoseconds = 2'000'000'000;

std::string unreadable() {
  return "cannot be read: " + std::system_category().message(errno);
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool settled_since(std::int64_t modified) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now) - modified > settling_nanoseconds;
}

file_looks looks_of(const struct stat& status) {
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

// At most one byte more than a file may have.
std::optional<std::string> read_all(int from) {
  std::string text(file_bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto count = ::read(from, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return std::nullopt;
    if (count == 0)
      break;
    size += static_cast<std::size_t>(count);
  }
  text.resize(size);
  return text;
}

} // namespace

key_file::key_file(std::string path, reader read)
  : path_(std::move(path)),
    read_(std::move(read)),
    keys_(std::make_shared<token_keys>()) {}

text_result<std::vector<std::string>> key_file::load() {
  const std::lock_guard alone(looking_);
  auto found = read_file();
  if (!found)
    return fail(std::move(found).error());
  auto keys = read_(found->text);
  if (!keys)
    return fail(std::move(keys).error());
  auto skipped = keys->skipped;
  looks_ = found->looks;
  settled_ = settled_since(looks_.changed);
  text_ = std::move(found->text);
  replace(*std::move(keys));
  return skipped;
}

key_file::keys_ptr key_file::keys(wall_time now) {
  const auto time = now.time_since_epoch().count();
  auto last = looked_.load(std::memory_order_relaxed);
  // A clock that was set back must not put off the next look.
  const bool due = time - last >= between_looks.count() || time < last;
  if (due && looked_.compare_exchange_strong(last, time, std::memory_order_relaxed))
    look_again();
  const std::lock_guard alone(swapping_);
  return keys_;
}

text_result<key_file::content> key_file::read_file() const {
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  const descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return fail(unreadable());
  if (!S_ISREG(status.st_mode))
    return fail("is not a regular file");
  // The looks are taken first: what is written while this reads makes them differ later.
  auto text = read_all(file.get());
  if (!text)
    return fail(unreadable());
  if (text->size() > file_bytes_max)
    return fail("more than " + std::to_string(file_bytes_max) + " bytes");
  return content{looks_of(status), std::move(*text)};
}

bool key_file::may_have_changed() const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0)
    return !(looks_ == file_looks{});
  return !settled_ || !(looks_of(status) == looks_);
}

void key_file::look_again() {
  const std::unique_lock alone(looking_, std::try_to_lock);
  if (!alone || !may_have_changed())
    return;
  auto found = read_file();
  if (!found) {
    // Said once, for as long as it stays so.
    if (!(looks_ == file_looks{}))
      warn(found.error());
    looks_ = {};
    settled_ = true;
    text_.clear();
    return;
  }
  looks_ = found->looks;
  settled_ = settled_since(looks_.changed);
  if (found->text == text_)
    return;
  text_ = std::move(found->text);
  auto keys = read_(text_);
  if (!keys)
    return warn(keys.error());
  replace(*std::move(keys));
}

void key_file::replace(keys_found fresh) {
  const auto count = fresh.keys.size();
  keys_ptr next = std::make_shared<const token_keys>(std::move(fresh.keys));
  {
    const std::lock_guard alone(swapping_);
    keys_.swap(next);
  }
  log_info("token keys read", {{"file", path_}, {"keys", count}});
  for (const auto& which : fresh.skipped)
    log_warning("a token key cannot be used", {{"file", path_}, {"key", which}});
}

void key_file::warn(const std::string& error) const {
  log_error("token keys not read, the old ones stay", {{"file", path_}, {"why", error}});
}

} // namespace troupe
