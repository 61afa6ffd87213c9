#include "server/net/tls_certificates.hpp"

#include "server/log/log.hpp"

#include <chrono>

#include <sys/stat.h>

namespace troupe {

namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t look_every = nanoseconds{std::chrono::seconds{1}}.count();

// The keys of session tickets live in the context: whoever steals them later should not be able to
// read what was resumed long ago.
constexpr std::int64_t renew_every = nanoseconds{std::chrono::hours{12}}.count();

std::int64_t steady_now() {
  return nanoseconds{std::chrono::steady_clock::now().time_since_epoch()}.count();
}

} // namespace

struct tls_certificates::stamp {
  struct file {
    dev_t device = 0;
    ino_t number = 0;
    off_t bytes = -1; ///< -1: not there
    std::int64_t changed_s = 0, changed_ns = 0;

    explicit file(const std::string& path) {
      struct stat about;
      if (::stat(path.c_str(), &about) != 0)
        return;
      device = about.st_dev;
      number = about.st_ino;
      bytes = about.st_size;
      changed_s = about.st_ctim.tv_sec;
      changed_ns = about.st_ctim.tv_nsec;
    }
    bool operator==(const file&) const = default;
  };

  explicit stamp(const tls_config& settings)
    : certificate(settings.certificate_file),
      key(settings.key_file) {}
  bool operator==(const stamp&) const = default;

  file certificate;
  file key;
};

tls_certificates::tls_certificates(tls_config settings)
  : settings_(std::move(settings)),
    next_look_(steady_now() + look_every) {
  reload();
}

tls_certificates::~tls_certificates() = default;

tls_context_ptr tls_certificates::current() {
  const auto now = steady_now();
  auto due = next_look_.load(std::memory_order_relaxed);
  if (now >= due && next_look_.compare_exchange_strong(due, now + look_every))
    reload_when_changed(now);
  const std::lock_guard lock(current_mutex_);
  return current_;
}

void tls_certificates::reload() {
  const std::lock_guard lock(reading_);
  read();
}

void tls_certificates::reload_when_changed(std::int64_t now) {
  const std::lock_guard lock(reading_);
  if (now >= renew_at_ || stamp(settings_) != *read_at_)
    read();
}

void tls_certificates::read() {
  // The stamp is older than what is read: a change in between is seen the next time.
  read_at_ = std::make_unique<stamp>(settings_);
  renew_at_ = steady_now() + renew_every;
  const auto context = make_tls_context(settings_);
  if (!context)
    return log_error("TLS certificate not usable, going on with the one before",
                     {{"why", context.error()}});
  {
    const std::lock_guard lock(current_mutex_);
    current_ = *context;
  }
  // Whoever reads this in the log meets it from now on.
  log_info("TLS certificate read",
           {{"file", settings_.certificate_file}, {"valid_until", valid_until(**context)}});
  if (has_expired(**context))
    log_warning("the TLS certificate has expired", {{"file", settings_.certificate_file}});
}

} // namespace troupe
