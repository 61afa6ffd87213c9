// What `/metrics` shows, as prometheus-cpp takes it: read from the counters of the house when it is
// asked for. Every name is in the table of docs/operations.md. Thread-safe.
#pragma once

#include "troupe/house.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cstddef>
#include <vector>

namespace troupe {

class metrics_collector final : public prometheus::Collectable {
public:
  /// `actors` is how many run; connections are not among them. `ready` is what `/readyz` says.
  metrics_collector(const house& here, std::size_t actors, bool ready)
    : here_(here),
      actors_(actors),
      ready_(ready) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

private:
  const house& here_;
  const std::size_t actors_;
  const bool ready_;
};

} // namespace troupe
