#include "server/net/metrics_page.hpp"

#include "server/net/credentials.hpp"
#include "server/net/metrics_collector.hpp"
#include "server/net/request_actor.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/answer_timeouts.hpp"

#include <caf/actor_registry.hpp>
#include <openssl/crypto.h>
#include <prometheus/text_serializer.h>

namespace troupe {

namespace {

http_response page_of(const server_context& context, bool ready, std::size_t running_actors) {
  metrics_collector metrics(context, running_actors, ready);
  const prometheus::TextSerializer text;
  const prometheus::Serializer& serializer = text;
  return {
    200, "text/plain; version=0.0.4; charset=utf-8", serializer.Serialize(metrics.Collect()), {}};
}

// How long the comparison takes tells nothing of the key.
bool brings_key(const http_request& request, std::string_view key) {
  const std::string given = token_of(request, {}).value_or(std::string()); // not in its query
  return given.size() == key.size() && CRYPTO_memcmp(given.data(), key.data(), key.size()) == 0;
}

} // namespace

void respond_with_metrics(const metrics_access& access, const http_request& request,
                          std::function<void(const http_response&)> respond) {
  if (!access.key.empty() && !brings_key(request, access.key)) {
    auto refused =
      error_response({errc::insufficient_permissions, "The metrics key is needed"}, 401);
    refused.fields = {{"WWW-Authenticate", "Bearer"}};
    return respond(refused);
  }
  // Each outlet looks at its outboxes.
  auto& system = access.loop.system();
  request_all<outboxes_measured>(
    access.loop, access.context.routes.outlets, metrics_timeout, measure_outboxes{},
    [&system, &context = access.context, ready = access.ready, respond = std::move(respond)](
      const auto&) { respond(page_of(context, ready, system.registry().running())); });
}

} // namespace troupe
