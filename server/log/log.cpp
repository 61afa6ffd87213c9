#include "server/log/log.hpp"

#include "server/log/audit_writer.hpp"
#include "server/log/log_lines.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <memory>
#include <mutex>
#include <vector>

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

namespace troupe {

namespace {

using steady = std::chrono::steady_clock;

// Lines that wait for the log's thread. Each takes about 400 bytes for its slot and, when long, up
// to some KiB for its text: 2 MB at rest.
constexpr std::size_t lines_waiting_max = 4096;

constexpr std::chrono::seconds drain_time{2};

constexpr log_level audit_level = log_level::info;

// The `source_loc::filename` of a line whose body log_body() made. Compared by address.
constexpr char made_here[] = "troupe";

spdlog::level::level_enum to_spdlog(log_level level) {
  return level == log_level::off ? spdlog::level::off
                                 : static_cast<spdlog::level::level_enum>(level);
}

log_level from_spdlog(spdlog::level::level_enum level) {
  return level >= spdlog::level::err ? log_level::error : static_cast<log_level>(level);
}

// Writes lines to a descriptor and gives up waiting for it once told a deadline: a write to a pipe
// that nobody empties would otherwise keep the process from ending.
class descriptor_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  descriptor_sink(int descriptor, log_format format) : descriptor_(descriptor), format_(format) {}

  void give_up_after(steady::time_point deadline) {
    deadline_ = deadline.time_since_epoch().count();
  }
  std::uint64_t lost() const { return lost_; }

private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view payload(message.payload.data(), message.payload.size());
    const bool made = message.source.filename == made_here;
    const auto line = log_line_of(format_, message.time, from_spdlog(message.level),
                                  made ? std::string(payload) : log_body(format_, payload, {}));
    if (!write_all(line))
      ++lost_;
  }

  void flush_() override {}

  bool write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!wait_writable())
        return false;
      // A pipe that polls as writable takes this many bytes without blocking.
      const auto n =
        ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
      if (n < 0 && errno != EINTR && errno != EAGAIN)
        return false;
      if (n > 0)
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  bool wait_writable() const {
    pollfd waited{descriptor_, POLLOUT, 0};
    while (steady::now().time_since_epoch().count() < deadline_)
      if (::poll(&waited, 1, 50) > 0)
        return true;
    return false;
  }

  const int descriptor_;
  const log_format format_;
  std::atomic<steady::rep> deadline_ = steady::time_point::max().time_since_epoch().count();
  std::atomic<std::uint64_t> lost_ = 0;
};

struct running_log {
  log_format format;
  std::shared_ptr<descriptor_sink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
  std::unique_ptr<audit_writer> audit;
  std::atomic<std::uint64_t> lost = 0;
};

// `…: 1234 more in the last 10 s audit=true`
std::string sum_body(log_format format, const repeated_lines::sum& sum) {
  const auto said = sum.kind.message + ": " + std::to_string(sum.more) + " more in the last " +
                    std::to_string(repeated_lines::window.count()) + " s";
  if (sum.kind.audit)
    return log_body(format, said, {{"audit", true}});
  return log_body(format, said, {});
}

// A line made by log_body, past the queue. Any thread.
void write_now(spdlog::sinks::sink& to, log_level level, std::chrono::system_clock::time_point time,
               const std::string& body) {
  to.log({time, spdlog::source_loc{made_here, 1, ""}, "troupe", to_spdlog(level),
          spdlog::string_view_t(body.data(), body.size())});
}

std::atomic<running_log*> current = nullptr;
std::atomic<log_level> threshold = log_level::off;

// Logs are kept to the end of the process: a late line may still be looking at one.
running_log& keep(std::unique_ptr<running_log> log) {
  static auto& kept = *new std::vector<std::unique_ptr<running_log>>;
  kept.push_back(std::move(log));
  return *kept.back();
}

// Signals are for the threads of the server; a pipe whose reader is gone must not end it either.
void prepare_log_thread() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "log");
}

} // namespace

void start_logging(const log_config& config, int descriptor) {
  stop_logging();
  auto log = std::make_unique<running_log>();
  log->format = config.format;
  log->sink = std::make_shared<descriptor_sink>(descriptor, config.format);
  log->pool =
    std::make_shared<spdlog::details::thread_pool>(lines_waiting_max, 1, prepare_log_thread);
  log->logger = std::make_shared<spdlog::async_logger>(
    "troupe", log->sink, log->pool, spdlog::async_overflow_policy::overrun_oldest);
  log->logger->set_level(to_spdlog(config.level));
  log->audit = std::make_unique<audit_writer>(
    [sink = log->sink](const audit_line& line) {
      write_now(*sink, line.level, line.time, line.body);
    },
    [format = config.format](const repeated_lines::sum& sum) { return sum_body(format, sum); },
    [] { prepare_log_thread(); });
  spdlog::set_default_logger(log->logger);
  current = &keep(std::move(log));
  threshold = config.level;
}

void stop_logging() {
  auto* log = current.load();
  if (log == nullptr || log->pool == nullptr)
    return;
  if (const auto lost = log_lines_lost(); lost > 0)
    log_warning("lines of this log were lost", {{"count", lost}});
  threshold = log_level::off;
  log->logger->set_level(spdlog::level::off);
  log->sink->give_up_after(steady::now() + drain_time);
  log->audit->finish();
  log->lost += log->pool->overrun_counter();
  log->pool.reset();
}

bool logs(log_level level) {
  return level != log_level::off && level >= threshold.load();
}

std::uint64_t log_lines_lost() {
  auto* log = current.load();
  if (log == nullptr)
    return 0;
  return log->lost + log->sink->lost() + log->audit->lost() +
         (log->pool ? log->pool->overrun_counter() : 0);
}

void log_line(log_level level, std::string_view message, log_fields fields) {
  log_line(level, message, std::span<const log_field>(fields.begin(), fields.size()));
}

void log_line(log_level level, std::string_view message, std::span<const log_field> fields) {
  if (!logs(level))
    return;
  auto* log = current.load();
  const auto body = log_body(log->format, message, fields);
  log->logger->log(spdlog::source_loc{made_here, 1, ""}, to_spdlog(level),
                   spdlog::string_view_t(body.data(), body.size()));
}

void log_repeated(log_level level, std::string_view message, log_fields fields) {
  if (logs(level) && current.load()->audit->tell({std::string(message), level, false}))
    log_line(level, message, fields);
}

void log_audit_line(std::string_view message, std::span<const log_field> fields) {
  if (!logs(audit_level))
    return;
  auto* log = current.load();
  log->audit->add(audit_level, log_body(log->format, message, fields));
}

void log_repeated_audit_line(std::string_view message, std::span<const log_field> fields) {
  if (logs(audit_level) && current.load()->audit->tell({std::string(message), audit_level, true}))
    log_audit_line(message, fields);
}

} // namespace troupe
