#include "server/config/own_service.hpp"

#include "server/log/printable.hpp"

namespace troupe {

namespace {

bool begins_like(std::string_view one, std::string_view other) {
  return one.starts_with(other) || other.starts_with(one);
}

// Whether what `subject` may become reaches the methods of `service`.
bool reaches(const bridge_template& subject, const std::string& service) {
  for (const auto* kind : {".rpc.", ".async."})
    if (subject.fixed() ? subject.head().starts_with(service + kind)
                        : begins_like(subject.head(), service + kind) &&
                            subject.head().size() > service.size() + 1)
      return true;
  return false;
}

} // namespace

std::vector<config_error> own_service_errors(const config& settings, const value_origins& origins) {
  std::vector<config_error> out;
  const auto& own = settings.nats.service;
  for (std::size_t i = 0; i < settings.rpc_allow.size(); ++i)
    if (settings.rpc_allow[i].service == own)
      out.push_back(origins.about(
        "rpc.allow[" + std::to_string(i) + "].service",
        "expected another service than the server itself (nats.service), whose methods do not look "
        "at who calls, got " +
          in_quotes(own)));
  for (std::size_t i = 0; i < settings.bridge.publishes.size(); ++i)
    if (reaches(settings.bridge.publishes[i].subject, own))
      out.push_back(
        origins.about("bridge.publish[" + std::to_string(i) + "].subject",
                      "expected none under " + own + ".rpc and " + own +
                        ".async, where services call the server itself (nats.service)"));
  return out;
}

} // namespace troupe
