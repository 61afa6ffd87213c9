#include "server/net/metrics_page.hpp"

#include "server/net/credentials.hpp"
#include "server/net/metrics_collector.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/answer_timeouts.hpp"
#include "troupe/runtime/placed_actor.hpp"

#include <caf/actor_registry.hpp>
#include <caf/event_based_actor.hpp>
#include <openssl/crypto.h>
#include <prometheus/text_serializer.h>

namespace troupe {

namespace http = boost::beast::http;

namespace {

using response_function = std::function<void(const http_response&)>;

struct any_messages {
  using base = caf::event_based_actor;
};

// One scrape on its way: has every outlet look at its outboxes, answers, ends.
class scrape final : public placed_actor<any_messages> {
public:
  scrape(caf::actor_config& config, event_loop* loop, const server_context& context, bool ready,
         response_function respond)
    : placed_actor(config, loop),
      context_(context),
      ready_(ready),
      waiting_for_(context.routes.outlets.size()),
      respond_(std::move(respond)) {}

  const char* name() const override { return "scrape"; }

protected:
  caf::behavior make_behavior() override {
    for (const auto& outlet : context_.routes.outlets)
      request(outlet, metrics_timeout, measure_outboxes{})
        .then([this](const outboxes_measured&) { one_less(); },
              [this](const caf::error&) { one_less(); });
    return {};
  }

private:
  void one_less() {
    if (--waiting_for_ > 0)
      return;
    const auto actors = system().registry().running();
    metrics_collector metrics(context_, actors, ready_);
    const prometheus::TextSerializer text;
    const prometheus::Serializer& serializer = text;
    respond_({200,
              "text/plain; version=0.0.4; charset=utf-8",
              serializer.Serialize(metrics.Collect()),
              {}});
  }

  const server_context& context_;
  const bool ready_;
  std::size_t waiting_for_;
  response_function respond_;
};

// How long the comparison takes tells nothing of the key.
bool brings_key(const http_request& request, std::string_view key) {
  const std::string given = token_of(request, {});
  return given.size() == key.size() && CRYPTO_memcmp(given.data(), key.data(), key.size()) == 0;
}

} // namespace

void respond_with_metrics(const metrics_access& access, const http_request& request,
                          response_function respond) {
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    auto refused = error_response({errc::bad_request, "Only GET here"}, 405);
    refused.fields = {{"Allow", "GET, HEAD"}};
    return respond(refused);
  }
  if (!access.key.empty() && !brings_key(request, access.key)) {
    auto refused =
      error_response({errc::insufficient_permissions, "The metrics key is needed"}, 401);
    refused.fields = {{"WWW-Authenticate", "Bearer"}};
    return respond(refused);
  }
  spawn_placed<scrape>(access.loop.system(), &access.loop, access.context, access.ready,
                       std::move(respond));
}

} // namespace troupe
