#include "report.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <ostream>

namespace troupe::bench {

namespace {

double ratio(double a, double b) {
  return b > 0 ? a / b : 0.0;
}

double count(std::uint64_t n) {
  return static_cast<double>(n);
}

std::string number(double value, int decimals) {
  std::array<char, 48> text;
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string duration(std::uint64_t ns) {
  const auto us = count(ns) / 1e3;
  if (us < 1'000)
    return number(us, 0) + " us";
  return us < 1'000'000 ? number(us / 1e3, 2) + " ms" : number(us / 1e6, 2) + " s";
}

double bytes_per_connection(const report& r, std::uint64_t before, std::uint64_t after) {
  return ratio(count(after) - count(before), r.connections);
}

void row(std::ostream& out, std::string_view name, const std::string& value) {
  out << "  " << name << std::string(name.size() < 18 ? 18 - name.size() : 1, ' ') << value << '\n';
}

void print_messages(std::ostream& out, const plan& p, const report& r) {
  const auto& m = *r.results;
  const auto each = [&](double ns) {
    return number(ratio(ns, count(m.delivered)) / 1e3, 3) + " us";
  };
  row(out, "published", number(ratio(count(m.published), r.measured_seconds), 0) + " /s");
  row(out, "delivered",
      number(ratio(count(m.delivered), r.measured_seconds), 0) + " /s, " +
        std::to_string(m.delivered) + " while measuring");
  if (!p.pids.empty())
    row(out, "server CPU",
        each(r.server_cpu.total_ns) + " per delivery (user " + each(r.server_cpu.user_ns) +
          ", system " + each(r.server_cpu.system_ns) + "), " +
          number(ratio(r.server_cpu.total_ns, r.measured_seconds * 1e7), 1) + " % of a core");
  row(out, "generator CPU",
      each(r.generator_cpu.total_ns) + " per delivery, " +
        number(ratio(r.generator_cpu.total_ns, r.measured_seconds * 1e7), 1) + " % of a core");
  row(out, "latency",
      "p50 " + duration(m.latency.quantile(.5)) + ", p90 " + duration(m.latency.quantile(.9)) +
        ", p99 " + duration(m.latency.quantile(.99)) + ", p99.9 " +
        duration(m.latency.quantile(.999)) + ", max " + duration(m.latency.max()));
  if (!p.flat_out())
    row(out, "generator late",
        "p50 " + duration(m.lateness.quantile(.5)) + ", p99 " + duration(m.lateness.quantile(.99)) +
          ", max " + duration(m.lateness.max()));
  row(out, "messages per read",
      number(ratio(count(m.delivered), count(m.reads)), 2) + " (of " +
        number(ratio(count(m.bytes), count(m.delivered)), 0) + " bytes)");
  row(out, "missing",
      std::to_string(m.missing) + ", doubled " + std::to_string(m.doubled) + ", out of order " +
        std::to_string(m.disordered) + ", astray " + std::to_string(m.strayed));
  if (m.churned > 0)
    row(out, "came and went", std::to_string(m.churned));
}

void print_memory(std::ostream& out, const plan& p, const report& r) {
  const auto& s = r.server_connected;
  row(out, "server memory",
      number(bytes_per_connection(r, r.server_before.rss_bytes, s.rss_bytes) / 1024, 2) +
        " KiB RSS, " +
        number(bytes_per_connection(r, r.server_before.pss_bytes, s.pss_bytes) / 1024, 2) +
        " KiB PSS per connection (RSS " + number(count(r.server_before.rss_bytes) / 1048576, 1) +
        " -> " + number(count(s.rss_bytes) / 1048576, 1) + " MiB)");
  if (p.what == plan::kind::messages)
    row(out, "server RSS",
        number(count(r.server_start.rss_bytes) / 1048576, 1) + " MiB when measuring began, " +
          number(count(r.server_end.rss_bytes) / 1048576, 1) + " when it ended, at most " +
          number(count(r.server_rss_max) / 1048576, 1));
}

double broadcast_us(const report& r) {
  return ratio(r.broadcast_cpu.total_ns, count(r.results->delivered)) / 1e3;
}

void print_broadcasts(std::ostream& out, const plan& p, const report& r) {
  std::string times;
  for (const auto seconds : r.broadcast_seconds)
    times += (times.empty() ? "" : ", ") + number(seconds, 3) + " s";
  row(out, "broadcasts", times + " until everybody had it");
  row(out, "delivered",
      std::to_string(r.results->delivered) + ", missing " + std::to_string(r.results->missing) +
        ", doubled " + std::to_string(r.results->doubled));
  if (!p.pids.empty())
    row(out, "server CPU", number(broadcast_us(r), 3) + " us per delivery");
}

nlohmann::ordered_json quantiles(const histogram& h) {
  return {{"p50", count(h.quantile(.5)) / 1e3},  {"p90", count(h.quantile(.9)) / 1e3},
          {"p99", count(h.quantile(.99)) / 1e3}, {"p999", count(h.quantile(.999)) / 1e3},
          {"max", count(h.max()) / 1e3},         {"mean", h.mean() / 1e3}};
}

} // namespace

bool report::passed() const {
  const auto& m = *results;
  return problems.empty() &&
         m.missing + m.doubled + m.disordered + m.strayed + m.failed_requests == 0 &&
         m.pongs_missing == 0;
}

void print_table(std::ostream& out, const plan& p, const report& r) {
  out << p.mode << ", " << r.connections << " connections (in " << number(r.connect_seconds, 2)
      << " s), " << p.payload << "-byte messages, " << number(r.measured_seconds, 1)
      << " s measured\n";
  if (p.what == plan::kind::messages)
    print_messages(out, p, r);
  if (p.what == plan::kind::churn && !p.pids.empty())
    row(out, "server CPU",
        number(ratio(r.setup_cpu.total_ns, count(r.setups)) / 1e3, 2) + " us per set-up, " +
          number(ratio(r.teardown_cpu.total_ns, count(r.setups)) / 1e3, 2) + " us per closing");
  if (p.what == plan::kind::churn)
    row(out, "set-ups", number(ratio(count(r.setups), r.measured_seconds), 0) + " /s");
  if (p.what == plan::kind::idle && !p.pids.empty())
    row(out, "server CPU",
        number(ratio(r.server_cpu.total_ns, r.measured_seconds * 1e7), 2) +
          " % of a core while idle");
  if (!p.pids.empty())
    print_memory(out, p, r);
  if (p.broadcasts > 0)
    print_broadcasts(out, p, r);
  if (r.results->pings > 0)
    row(out, "pings answered", std::to_string(r.results->pings));
  for (const auto& text : r.problems)
    row(out, "PROBLEM", text);
}

void print_json(std::ostream& out, const plan& p, const report& r) {
  const auto& m = *r.results;
  nlohmann::ordered_json j{{"mode", p.mode},
                           {"passed", r.passed()},
                           {"connections", r.connections},
                           {"connect_seconds", r.connect_seconds},
                           {"measured_seconds", r.measured_seconds},
                           {"payload_bytes", p.payload}};
  if (p.what == plan::kind::messages) {
    j.update(
      {{"published", m.published},
       {"delivered", m.delivered},
       {"delivered_per_second", ratio(count(m.delivered), r.measured_seconds)},
       {"generator_cpu_us_per_delivery", ratio(r.generator_cpu.total_ns, count(m.delivered)) / 1e3},
       {"latency_us", quantiles(m.latency)},
       {"generator_late_us", quantiles(m.lateness)},
       {"messages_per_read", ratio(count(m.delivered), count(m.reads))},
       {"delivered_bytes", ratio(count(m.bytes), count(m.delivered))},
       {"delivered_ever", m.delivered_ever},
       {"missing", m.missing},
       {"doubled", m.doubled},
       {"disordered", m.disordered},
       {"strayed", m.strayed},
       {"failed_requests", m.failed_requests},
       {"churned", m.churned}});
  }
  if (p.broadcasts > 0)
    j.update({{"broadcast_seconds", r.broadcast_seconds},
              {"broadcast_cpu_us_per_delivery", broadcast_us(r)},
              {"delivered", m.delivered},
              {"missing", m.missing},
              {"doubled", m.doubled}});
  if (p.what == plan::kind::churn)
    j["setups_per_second"] = ratio(count(r.setups), r.measured_seconds);
  if (!p.pids.empty()) {
    j["server"] = {
      {"cpu_us_per_delivery", ratio(r.server_cpu.total_ns, count(m.delivered)) / 1e3},
      {"user_us_per_delivery", ratio(r.server_cpu.user_ns, count(m.delivered)) / 1e3},
      {"system_us_per_delivery", ratio(r.server_cpu.system_ns, count(m.delivered)) / 1e3},
      {"cpu_percent", ratio(r.server_cpu.total_ns, r.measured_seconds * 1e7)},
      {"setup_us", ratio(r.setup_cpu.total_ns, count(r.setups)) / 1e3},
      {"teardown_us", ratio(r.teardown_cpu.total_ns, count(r.setups)) / 1e3},
      {"rss_before", r.server_before.rss_bytes},
      {"rss_connected", r.server_connected.rss_bytes},
      {"rss_start", r.server_start.rss_bytes},
      {"rss_end", r.server_end.rss_bytes},
      {"rss_max", r.server_rss_max},
      {"rss_per_connection",
       bytes_per_connection(r, r.server_before.rss_bytes, r.server_connected.rss_bytes)},
      {"pss_per_connection",
       bytes_per_connection(r, r.server_before.pss_bytes, r.server_connected.pss_bytes)},
      {"threads", r.server_connected.threads}};
  }
  j["generator_cpu_percent"] = ratio(r.generator_cpu.total_ns, r.measured_seconds * 1e7);
  j["pings_answered"] = m.pings;
  j["problems"] = r.problems;
  out << j.dump() << '\n';
}

} // namespace troupe::bench
