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

} // namespace

// How long the comparison takes tells nothing of the key.
bool brings_key(const http_request& request, std::string_view key) {
  const auto given = bearer_of(request);
  return given.size() == key.size() && CRYPTO_memcmp(given.data(), key.data(), key.size()) == 0;
}

void respond_with_metrics(io_loop& loop, const server_context& context, bool ready,
                          std::function<void(const http_response&)> respond) {
  // Each outlet looks at its outboxes.
  auto& system = loop.system();
  request_all<outboxes_measured>(
    loop, context.routes.outlets, metrics_timeout, measure_outboxes{},
    [&system, &context, ready, respond = std::move(respond)](const auto&) {
      respond(page_of(context, ready, system.registry().running()));
    });
}

} // namespace troupe
