#include "server/net/api.hpp"

#include "server/net/api_routes.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/answer_timeouts.hpp"
#include "troupe/runtime/placed_actor.hpp"

#include <caf/event_based_actor.hpp>
#include <openssl/crypto.h>

#include <chrono>
#include <variant>

namespace troupe {

namespace http = boost::beast::http;

namespace {

using response_function = std::function<void(const http_response&)>;
using call = std::variant<post, administer>;

struct any_messages {
  using base = caf::event_based_actor;
};

// One call on its way: asks the directory or the users, answers, ends.
class api_call final : public placed_actor<any_messages> {
public:
  api_call(caf::actor_config& config, event_loop* loop, const server_context& context, call what,
           response_function respond)
    : placed_actor(config, loop),
      context_(context),
      what_(std::move(what)),
      respond_(std::move(respond)) {}

  const char* name() const override { return "api_call"; }

protected:
  caf::behavior make_behavior() override {
    auto failed = [this](const caf::error&) { respond_(error_response(error{errc::timeout})); };
    if (auto* message = std::get_if<post>(&what_))
      request(context_.routes.directory, call_timeout, std::move(*message))
        .then([this](const posted& outcome) { respond_(shown(outcome)); }, failed);
    else
      request(context_.routes.users, call_timeout, std::get<administer>(std::move(what_)))
        .then([this](const administered& outcome) { respond_(shown(outcome)); }, failed);
    return {};
  }

private:
  static http_response shown(const posted& outcome) {
    if (!outcome.result)
      return error_response(outcome.result.error());
    std::string body = R"({"epoch":)";
    append_json_string(body, outcome.result->epoch);
    body += R"(,"offset":)";
    append_number(body, outcome.result->offset);
    return {200, "application/json", body + "}\n", {}};
  }

  static http_response shown(const administered& outcome) {
    if (!outcome.result)
      return error_response(outcome.result.error());
    return {200, "application/json", *outcome.result + "\n", {}};
  }

  const server_context& context_;
  call what_;
  response_function respond_;
};

// -- who may call ------------------------------------------------------------------------------------

std::string_view bearer(const http_request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = request[http::field::authorization];
  const std::string_view given{field.data(), field.size()};
  return given.starts_with(scheme) ? given.substr(scheme.size()) : std::string_view{};
}

// The number of the key, from 1, or 0.
std::size_t number_of_key(std::string_view given, const std::vector<std::string>& keys) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) // all of them: how long it takes tells nothing
    if (keys[i].size() == given.size() &&
        CRYPTO_memcmp(keys[i].data(), given.data(), given.size()) == 0)
      number = i + 1;
  return number;
}

http_response unauthorized(std::string message) {
  auto refused = error_response({errc::insufficient_permissions, std::move(message)}, 401);
  refused.fields = {{"WWW-Authenticate", "Bearer"}};
  return refused;
}

// What the audit log calls the caller, or why it is none.
std::variant<std::string, http_response> caller_of(const api_access& access,
                                                   const http_request& request) {
  const server_context& context = access.context;
  const auto given = bearer(request);
  if (const auto number = number_of_key(given, access.keys); number != 0)
    return "api key " + std::to_string(number);
  if (given.empty() || !context.settings.verify)
    return unauthorized("An API key is needed");
  const auto verified = context.settings.verify(given);
  if (!verified) {
    context.observers.audit("refused api call", {}, verified.error());
    return unauthorized("An API key or an admin's token is needed");
  }
  const identity& who = **verified;
  const bool denied = context.denied(who);
  if (!denied && who.has_role("admin"))
    return who.user_id;
  context.observers.audit("refused api call", who.user_id, denied ? "denied" : "not an admin");
  return denied ? unauthorized("An API key or an admin's token is needed")
                : error_response(error{errc::insufficient_permissions});
}

// Nobody's actor: it is the server that ends.
http_response drain_server(const server_context& context, const http_request& request,
                           std::string_view caller) {
  if (request.method() != http::verb::post) {
    auto refused = error_response({errc::bad_request, "Only POST here"}, 405);
    refused.fields = {{"Allow", "POST"}};
    return refused;
  }
  context.observers.audit("drain", caller, {});
  context.routes.begin_drain();
  return {200, "application/json", "{}\n", {}};
}

} // namespace

void call_api(const api_access& access, const http_request& request, std::string_view path,
              response_function respond) {
  auto caller = caller_of(access, request);
  if (auto* refused = std::get_if<http_response>(&caller))
    return respond(*refused);
  if (path == "/api/v1/drain")
    return respond(drain_server(access.context, request, std::get<std::string>(caller)));
  auto wanted = read_api_request(request, path, access.context.live().bounds);
  if (auto* refused = std::get_if<http_response>(&wanted))
    return respond(*refused);
  auto& what = std::get<api_request>(wanted);
  call made = std::holds_alternative<post>(what)
                ? call{std::get<post>(std::move(what))}
                : call{administer{std::get<admin::command>(std::move(what)),
                                  std::get<std::string>(std::move(caller))}};
  spawn_placed<api_call>(access.loop.system(), &access.loop, access.context, std::move(made),
                         std::move(respond));
}

} // namespace troupe
