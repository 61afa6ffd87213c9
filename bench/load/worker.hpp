// One generator process: its share of the connections, the publishing on time, and the check of
// every delivery. Owns its sockets; talks to the conductor through `control`.
// Runs in the single thread of its process.
#pragma once

#include "control.hpp"
#include "message_template.hpp"
#include "plan.hpp"
#include "sequence_check.hpp"
#include "socket_pool.hpp"

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::bench {

class worker final : socket_events {
public:
  // `wake_fd` is an eventfd: workers with receivers wake the one that publishes.
  worker(const plan& what, control& shared, std::uint32_t index, int wake_fd);
  void run();

private:
  struct audience {
    std::string room;
    const audience_group* group = nullptr;
    std::uint32_t group_number = 0;
    greeting words;
    greeting http_words;
    std::string http_head;             // of each POST, up to the value of Content-Length
    std::uint32_t first_publisher = 0; // number within the run
    std::uint32_t first_link = 0;
    std::uint32_t members = 0;    // here
    std::uint32_t publishers = 0; // here: none in a worker that only receives
    std::uint32_t first_http = 0; // link of the first HTTP publisher
    std::uint32_t first_sent = 0; // into sent_
    std::uint32_t probed = 0;
    std::uint64_t probe_after = 0;
  };

  struct member {
    std::uint32_t audience = 0;
    std::uint32_t first_entry = 0; // into sequences_
    bool probed = false;
    bool transient = false;
    bool split_token = false; // the beginning of a token waits in tails_
  };

  struct http_queue {
    bool busy = false;
    std::deque<std::string> waiting;
  };

  // Planning: which audiences and members are here.
  void lay_out();
  void add_audience(const audience_group& group, std::uint32_t number, std::uint32_t members,
                    bool publishes, std::uint32_t first_publisher);
  void add_churners();

  void on_open(std::uint32_t link) override;
  void on_closed(std::uint32_t link, std::string_view why) override;
  void on_payload(std::uint32_t link, std::string_view payload) override;
  void on_response(std::uint32_t link, int status) override;

  void enter(phase next);
  std::uint64_t work(std::uint64_t now); // what is due now; returns when to look again
  void report_progress();

  void on_other(std::uint32_t link, std::string_view payload);
  std::size_t count_tokens(std::uint32_t link, std::string_view payload);
  void count_split(std::uint32_t link, std::string_view payload);
  void on_token(std::uint32_t link, const token& t);
  void on_probe(member& m, const token& t);
  void count_broadcast(std::uint32_t slot, std::uint32_t sequence, std::uint32_t accounted);

  void probe_all(std::uint64_t now);
  std::uint64_t publish_due(std::uint64_t now);
  void publish_window(std::uint64_t now);
  void publish(audience& a, std::uint32_t slot, std::uint64_t due);
  std::uint32_t count_published(audience& a, std::uint32_t slot);
  void transmit(audience& a, std::uint32_t slot, const token& t, std::string* gather);
  void post(std::uint32_t link, std::string_view head, std::string_view body);
  std::uint64_t churn_due(std::uint64_t now);
  std::uint64_t ping_due(std::uint64_t now);
  std::uint64_t expected() const;
  void problem(std::string_view text);
  void finish();

  const plan& plan_;
  control& shared_;
  worker_row& row_;
  worker_results& results_;
  const std::uint32_t index_;
  const int wake_fd_;
  socket_pool pool_;
  phase phase_ = phase::wait;
  std::uint64_t base_ = 0; // the run's times, as the conductor set them
  std::uint64_t start_ = 0;
  std::uint64_t from_ = 0;
  std::uint64_t until_ = 0;

  std::vector<std::unique_ptr<audience>> audiences_;
  std::vector<member> members_; // by link
  std::vector<std::uint32_t> sent_;
  std::vector<message_template> publish_templates_; // by group
  std::unordered_map<std::uint32_t, http_queue> http_;
  std::unordered_map<std::uint32_t, std::string> tails_;
  sequence_check sequences_;
  audience* spanning_ = nullptr;

  struct timeline {
    std::vector<audience*> audiences;
    std::uint64_t next = 0;
    double interval_ns = 0;
  };
  std::vector<timeline> timelines_; // by group
  std::uint64_t expected_local_ = 0;
  std::uint64_t accounted_ = 0;
  std::uint64_t last_read_ = 0;
  std::uint32_t complete_audiences_ = 0;

  std::vector<std::uint32_t> window_counts_; // members that have a broadcast, by number, a ring
  std::uint32_t window_complete_ = 0;
  std::uint32_t window_published_ = 0;
  std::uint32_t window_reported_ = 0;

  std::deque<std::pair<std::uint64_t, std::uint32_t>> churners_leaving_;
  std::vector<std::uint32_t> churners_;
  bool churning_ = false;
  std::uint64_t pings_sent_ = 0;
  std::uint64_t pongs_ = 0;
  std::string ping_frame_;
  std::string text_;
  std::string frame_;
};

} // namespace troupe::bench
