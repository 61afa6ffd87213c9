#include "server/net/metrics_collector.hpp"

#include "server/log/log.hpp"

#include <limits>
#include <string>
#include <string_view>

namespace troupe {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// The families of one scrape. A label is a name that the program knows: never one that a client
// chose, so the number of samples is bounded.
class families {
public:
  ClientMetric& gauge(const char* name, const char* help, double value) {
    auto& metric = add(name, help, MetricType::Gauge).metric.emplace_back();
    metric.gauge.value = value;
    return metric;
  }

  void count(const char* name, const char* help, std::uint64_t value) {
    add(name, help, MetricType::Counter).metric.emplace_back().counter.value =
      static_cast<double>(value);
  }

  /// A counter with one label, to be filled by `sample`.
  void count_by(const char* name, const char* help, const char* label) {
    add(name, help, MetricType::Counter);
    label_ = label;
  }
  void sample(std::string_view label_value, std::uint64_t value) {
    auto& metric = out_.back().metric.emplace_back();
    metric.label = {{label_, std::string(label_value)}};
    metric.counter.value = static_cast<double>(value);
  }

  template <class Read>
  void histogram(const char* name, const char* help, const core_metrics& all, Read read) {
    auto& metric = add(name, help, MetricType::Histogram).metric.emplace_back().histogram;
    for (std::size_t i = 0; i <= duration_histogram::bounds.size(); ++i) {
      for (const auto& loop : all.loops())
        metric.sample_count += read(loop).bucket(i);
      const double bound = i < duration_histogram::bounds.size()
                             ? static_cast<double>(duration_histogram::bounds[i]) / 1e9
                             : std::numeric_limits<double>::infinity();
      metric.bucket.push_back({metric.sample_count, bound});
    }
    for (const auto& loop : all.loops())
      metric.sample_sum += static_cast<double>(read(loop).sum_nanoseconds()) / 1e9;
  }

  std::vector<MetricFamily> take() { return std::move(out_); }

private:
  MetricFamily& add(const char* name, const char* help, MetricType type) {
    return out_.emplace_back(MetricFamily{std::string("troupe_") + name, help, type, {}});
  }

  std::vector<MetricFamily> out_;
  const char* label_ = "";
};

template <class Read>
std::uint64_t total(const core_metrics& all, Read read) {
  std::uint64_t sum = 0;
  for (const auto& loop : all.loops())
    sum += read(loop);
  return sum;
}

void show_state(families& out, const server_context& context, std::size_t actors, bool ready) {
  const auto& all = context.metrics;
  out.gauge("build_info", "Always 1; the label is the version", 1).label = {
    {"version", TROUPE_VERSION}};
  out.gauge("ready", "1 when /readyz answers with 200", ready ? 1 : 0);
  out.gauge("connections", "WebSocket connections that are open",
            context.metrics.connections.load());
  out.gauge("rooms", "Rooms that are alive", all.rooms.load());
  out.gauge("topics", "Topics that are alive", all.topics.load());
  out.gauge("patterns", "Patterns by which somebody listens to topics", all.patterns.load());
  out.gauge("actors", "Actors that run, connections not counted", static_cast<double>(actors));
  out.gauge("history_bytes", "Bytes of what was said that is kept, or still being replayed",
            static_cast<double>(all.history_bytes.load()));
  out.gauge("outbox_bytes", "Bytes that wait for clients to read",
            static_cast<double>(total(all, [](auto& l) { return l.outbox_bytes.load(); })));
  out.gauge("outboxes_waiting", "Connections for which something waits",
            static_cast<double>(total(all, [](auto& l) { return l.outboxes_waiting.load(); })));
  out.count("log_lines_lost_total", "Log lines lost because the log was read too slowly",
            log_lines_lost());
}

void show_http(families& out, const core_metrics& all) {
  out.count("sockets_accepted_total", "TCP connections accepted",
            total(all, [](auto& l) { return l.sockets_accepted.value(); }));
  out.count("connections_opened_total", "WebSocket connections let in",
            total(all, [](auto& l) { return l.connections_opened.value(); }));
  out.count_by("connections_refused_total", "Clients not let in", "reason");
  for (std::size_t i = 0; i < refusal_reason_names.size(); ++i)
    out.sample(refusal_reason_names[i], total(all, [i](auto& l) { return l.refused.value(i); }));
  out.count_by("connections_closed_total",
               "Connections that ended, by who or what ended them: the server's close code",
               "code");
  for (std::size_t i = 0; i < close_codes.size(); ++i)
    out.sample(std::to_string(static_cast<unsigned>(close_codes[i])),
               total(all, [i](auto& l) { return l.closes(i); }));
  out.sample("other", total(all, [](auto& l) { return l.closes(close_codes.size()); }));
  out.sample("client", total(all, [](auto& l) { return l.closed_by_client.value(); }));
  out.sample("lost", total(all, [](auto& l) { return l.closed_without.value(); }));
  out.count_by("http_responses_total", "HTTP requests answered, opening handshakes not counted",
               "status");
  for (std::size_t i = 0; i < http_statuses.size(); ++i)
    out.sample(http_statuses[i] == 0 ? "other" : std::to_string(http_statuses[i]),
               total(all, [i](auto& l) { return l.answers(i); }));
}

void show_traffic(families& out, const server_metrics& all) {
  out.count("received_bytes_total", "Bytes read from WebSocket connections",
            total(all, [](auto& l) { return l.bytes_in.value(); }));
  out.count("sent_bytes_total", "Bytes written to WebSocket connections",
            total(all, [](auto& l) { return l.bytes_out.value(); }));
  out.count("received_frames_total", "Messages read from WebSocket connections",
            total(all, [](auto& l) { return l.frames_in.value(); }));
  out.count("sent_frames_total", "Frames written to WebSocket connections",
            total(all, [](auto& l) { return l.frames_out.value(); }));
  out.count("broadcasts_total", "Frames for an audience, once for each loop that has listeners",
            total(all, [](auto& l) { return l.broadcasts.value(); }));
  out.count("deliveries_total", "Frames handed to a connection, dropped ones included",
            total(all, [](auto& l) { return l.deliveries.value(); }));
  out.count("pattern_deliveries_total", "Of these, those to clients that listen by a pattern",
            total(all, [](auto& l) { return l.by_pattern.value(); }));
  out.count("replays_total", "Listeners that came back and were sent what they had missed",
            total(all, [](auto& l) { return l.replays.value(); }));
  out.count("replayed_frames_total", "Frames that they were sent for it",
            total(all, [](auto& l) { return l.replayed.value(); }));
  out.count("signals_total", "Signals taken from clients",
            total(all, [](auto& l) { return l.signals.value(); }));
  out.count_by("inbox_messages_total", "Messages to users with an inbox, by what became of them",
               "outcome");
  for (std::size_t i = 0; i < inbox_outcome_names.size(); ++i)
    out.sample(inbox_outcome_names[i], all.inbox.value(i));
  out.count("presence_diffs_total", "Changes in who is there that were told those who follow them",
            all.presence_diffs.value());
  out.count("encodings_total",
            "Frames made on a loop: for one connection, or for all that take the same form",
            total(all, [](auto& l) { return l.encodings.value(); }));
}

void show_troubles(families& out, const core_metrics& all) {
  out.count_by("dropped_total", "Frames and messages that did not reach a client", "reason");
  for (std::size_t i = 0; i < drop_reason_names.size(); ++i)
    out.sample(drop_reason_names[i],
               all.dropped.value(i) + total(all, [i](auto& l) { return l.dropped.value(i); }));
  out.count_by("signals_dropped_total",
               "Signals that did not reach somebody, or were not taken from their sender",
               "reason");
  for (std::size_t i = 0; i < signal_drop_names.size(); ++i)
    out.sample(signal_drop_names[i],
               total(all, [i](auto& l) { return l.signals_dropped.value(i); }));
  const auto errors = [&](std::size_t i) {
    return all.errors.value(i) + total(all, [i](auto& l) { return l.errors.value(i); });
  };
  out.count_by("errors_total", "Requests of clients that failed, by the code they were told",
               "code");
  for (std::size_t i = 0; i < error_codes.size(); ++i)
    out.sample(to_string(error_codes[i]), errors(i));
  out.count_by("shares_yielded_total",
               "Taken back, from who holds most or more than its share, for somebody else",
               "resource");
  for (std::size_t i = 0; i < shared_resource_names.size(); ++i)
    out.sample(shared_resource_names[i], all.shares_yielded.value(i));
  out.count_by("shares_refused_total", "Refused to clients that hold their share", "resource");
  for (std::size_t i = 0; i < shared_resource_names.size(); ++i)
    out.sample(shared_resource_names[i], all.shares_refused.value(i));
  out.count("rate_limited_total", "Requests refused as rate_limited, by slow mode too",
            errors(static_cast<std::size_t>(errc::rate_limited)));
}

// Rules are the operator's; the number tells those apart that are about the same subject.
void show_bridges(families& out, const bridge_metrics& all) {
  const auto by_rule = [&](const char* name, const char* help, counter bridge_rule_metrics::*what) {
    out.count_by(name, help, "rule");
    for (std::size_t i = 0; i < all.rules.size(); ++i)
      out.sample(std::to_string(i + 1) + " " + all.rules[i].subject, (all.rules[i].*what).value());
  };
  by_rule("bridge_received_total", "Events that came in for a rule",
          &bridge_rule_metrics::received);
  by_rule("bridge_forwarded_total", "Events that a rule sent on to clients",
          &bridge_rule_metrics::forwarded);
  by_rule("bridge_restarts_total", "Failures of a rule, after which it was started anew",
          &bridge_rule_metrics::restarts);
  out.count_by("bridge_skipped_total", "Events that no frame could be made of", "reason");
  for (std::size_t i = 0; i < bridge_error_names.size(); ++i) {
    std::uint64_t sum = 0;
    for (const auto& rule : all.rules)
      sum += rule.skipped.value(i);
    out.sample(bridge_error_names[i], sum);
  }
  out.count("bridge_unheard_total", "Events sent on where nobody listens", all.unheard.value());
  out.count("bridge_repeated_total", "Events sent on that were not said again, by their id",
            all.repeated.value());
  out.count("bridge_published_total", "Messages handed to NATS by bridge.publish",
            all.published.value());
  out.count("bridge_unpublished_total", "Messages not published: their subject was not valid",
            all.not_published.value());
}

void show_bus(families& out, const bus_metrics& all) {
  const auto load = [](const auto& number) { return static_cast<double>(number.load()); };
  out.gauge("nats_connected", "1 while the server is connected to NATS", load(all.connected));
  out.gauge("nats_pending_messages", "Events from NATS that have not gone through the server",
            load(all.waiting));
  out.gauge("nats_outbox_bytes", "Bytes that are kept for NATS", load(all.outbox_bytes));
  out.count("nats_received_total", "Messages from NATS, answers included", all.received.value());
  out.count("nats_published_total", "Messages that NATS has taken, requests included",
            all.published.value());
  out.count("nats_requests_total", "Requests made over NATS", all.requests.value());
  out.count("nats_reconnects_total", "Times that NATS came back", all.reconnects.value());
  out.count_by("nats_dropped_total", "Messages lost on their way from NATS or to it", "reason");
  for (std::size_t i = 0; i < bus_drop_reason_names.size(); ++i)
    out.sample(bus_drop_reason_names[i], all.dropped.value(i));
  out.count_by("nats_refused_total", "What NATS's permissions did not allow", "what");
  for (std::size_t i = 0; i < bus_refusal_names.size(); ++i)
    out.sample(bus_refusal_names[i], all.refused.value(i));
}

} // namespace

std::vector<MetricFamily> metrics_collector::Collect() const {
  families out;
  show_state(out, context_, actors_, ready_);
  show_http(out, context_.metrics);
  show_traffic(out, context_.metrics);
  show_troubles(out, context_.metrics);
  show_bridges(out, context_.metrics.bridge);
  show_bus(out, context_.metrics.bus);
  out.histogram(
    "queue_delay_seconds",
    "From a message's arrival to the loops that deliver it, sampled once a turn", context_.metrics,
    [](auto& l) -> auto& { return l.queue_delay; });
  out.histogram(
    "delivery_latency_seconds",
    "From a message's arrival until a loop has written it, sampled once a turn", context_.metrics,
    [](auto& l) -> auto& { return l.delivery_latency; });
  out.histogram(
    "turn_seconds", "What a loop did between two looks at its sockets", context_.metrics,
    [](auto& l) -> auto& { return l.turns; });
  return out.take();
}

} // namespace troupe
