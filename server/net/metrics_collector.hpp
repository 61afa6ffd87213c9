// What `/metrics` shows, as prometheus-cpp takes it: read from the counters of the server when it
// is asked for. Every name is in the table of docs/operations.md. Thread-safe.
#pragma once

#include "troupe/server_context.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cstddef>
#include <vector>

namespace troupe {

class metrics_collector final : public prometheus::Collectable {
public:
  /// `actors` is how many run; connections are not among them. `ready` is what `/readyz` says.
  metrics_collector(const server_context& context, std::size_t actors, bool ready)
    : context_(context),
      actors_(actors),
      ready_(ready) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

private:
  const server_context& context_;
  const std::size_t actors_;
  const bool ready_;
};

} // namespace troupe
