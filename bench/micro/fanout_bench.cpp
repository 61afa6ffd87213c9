// What does a delivery cost above the kernel's price? One broadcast to the outlet of a loop, pushed
// to each listener's outbox, then gathered and consumed as if a socket had taken it.
//
// Everything is real but the sockets, on one thread: outlet, directory, topic, connections.
#include "per_item.hpp"
#include "troupe/audience/directory.hpp"
#include "troupe/audience/record_table.hpp"
#include "troupe/delivery/connection.hpp"
#include "troupe/delivery/outlet.hpp"
#include "troupe/pattern_routes.hpp"
#include "troupe/server_context.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace troupe {
namespace {

/// An event loop whose turns are taken by the benchmark.
class turned_loop final : public event_loop {
public:
  explicit turned_loop(caf::actor_system& system) : event_loop(system, clock::now()) {}

  void flush_later(flusher& f) override { flushing_.push_back(&f); }
  timer_wheel::time_point now() const override { return clock::now(); }
  void arm(timer_wheel::deadline& d, timer_wheel::time_point when) override {
    deadlines().arm(d, when);
  }

  void run() {
    while (run_pinned() > 0 || !flushing_.empty())
      for (auto* f : std::exchange(flushing_, {}))
        f->flush();
  }

private:
  using clock = std::chrono::steady_clock;

  void wake_up() noexcept override {}

  std::vector<flusher*> flushing_;
};

/// A connection whose client takes everything at once.
class free_connection final : public connection {
public:
  using connection::connection;

  void start(std::string_view first_words) {
    open();
    receive_text(first_words);
  }
  std::uint64_t frames = 0; // taken

private:
  void read_on() override {}
  void write_again() override { write(); }
  void write() override {
    std::array<iovec, 128> parts; // as in socket_connection
    while (!waiting().idle()) {
      std::size_t bytes = 0;
      const auto count = waiting().gather(parts);
      for (std::size_t i = 0; i < count; ++i)
        bytes += parts[i].iov_len;
      waiting().consume(bytes);
      frames += count;
    }
  }
  void closing_began() override {}
  void all_written() override {}
  void release_transport(bool) override {}
};

// The number that the directory gives to the first room or topic.
constexpr audience_id first_audience{1};

/// A loop with `count` subscribers of one topic.
class full_loop {
public:
  explicit full_loop(std::int64_t count) : system_(config_), loop_(system_) {
    server_.routes.loop_of = [this](audience_kind, std::string_view) { return &loop_; };
    auto handle = spawn_placed<outlet>(system_, &loop_, server_.context, 0u);
    server_.routes.outlets.push_back(handle);
    server_.routes.records.push_back(&records_);
    server_.routes.patterns.push_back(&patterns_);
    server_.routes.directory = spawn_placed<directory>(system_, &loop_, server_.context);
    loop_.run();
    for (std::int64_t i = 0; i < count; ++i) {
      auto& its_outlet = *static_cast<outlet*>(caf::actor_cast<caf::abstract_actor*>(handle));
      connection::opening asked;
      clients_.push_back(spawn_light<free_connection>(system_, loop_, server_.context, its_outlet,
                                                      std::move(asked)));
      clients_.back()->start(R"({"type":"subscribe","topics":["news"]})");
      loop_.run();
    }
  }

  ~full_loop() {
    caf::anon_send_exit(server_.routes.outlets.front(), caf::exit_reason::user_shutdown);
    caf::anon_send_exit(server_.routes.directory, caf::exit_reason::user_shutdown);
    loop_.run();
    server_.routes.outlets.clear();
    server_.routes.directory = nullptr;
  }

  void send(const encoded_event& what) {
    caf::anon_send(server_.routes.outlets.front(), broadcast{first_audience, what, {}, {}});
  }
  void run() { loop_.run(); }

  std::uint64_t taken() const {
    std::uint64_t sum = 0;
    for (const auto& each : clients_)
      sum += each->frames;
    return sum;
  }

private:
  // No threads, and no time: all that runs here runs on the loop.
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  config config_;
  caf::actor_system system_;
  turned_loop loop_;
  server_state server_;
  pattern_routes patterns_;
  record_table records_{loop_, server_.metrics.history_bytes, 1};
  std::vector<caf::intrusive_ptr<free_connection>> clients_;
};

// range(0): listeners; range(1): broadcasts that are ready together.
void deliver(benchmark::State& state) {
  full_loop all(state.range(0));
  const encoded_event frame{nullptr, text_frame(std::string(150, 'x'))};
  const auto before = all.taken();
  for (auto _ : state) {
    for (std::int64_t i = 0; i < state.range(1); ++i)
      all.send(frame);
    all.run();
  }
  const auto deliveries = state.range(0) * state.range(1);
  if (all.taken() - before != state.iterations() * static_cast<std::uint64_t>(deliveries))
    state.SkipWithError("a delivery is missing");
  micro::report_per_item(state, "per_delivery", deliveries);
}
BENCHMARK(deliver)
  ->ArgNames({"listeners", "broadcasts"})
  ->Args({1, 1})
  ->Args({1'000, 1})
  ->Args({1'000, 64})
  ->Args({10'000, 1});

} // namespace
} // namespace troupe
