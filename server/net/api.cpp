#include "server/net/api.hpp"

#include "server/net/api_routes.hpp"
#include "server/net/credentials.hpp"
#include "server/net/request_actor.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/answer_timeouts.hpp"
#include "troupe/wire/place_text.hpp"

#include <openssl/crypto.h>

#include <chrono>
#include <variant>

namespace troupe {

namespace http = boost::beast::http;

namespace {

using response_function = std::function<void(const http_response&)>;
http_response format_answer(const posted& outcome) {
  if (!outcome.result)
    return error_response(outcome.result.error());
  return {200, "application/json", place_text(*outcome.result, outcome.listeners) + "\n", {}};
}

http_response format_answer(const administered& outcome) {
  if (!outcome.result)
    return error_response(outcome.result.error());
  return {200, "application/json", *outcome.result + "\n", {}};
}

// Asks the directory or the users, and responds with what one of them answers.
template <class Answer, class Handle, class Question>
void ask(io_loop& loop, const Handle& whom, Question question, response_function respond) {
  request_all<Answer>(loop, std::vector<Handle>{whom}, call_timeout, std::move(question),
                      [respond = std::move(respond)](const std::vector<result<Answer>>& outcomes) {
                        const auto& outcome = outcomes.front();
                        respond(outcome ? format_answer(*outcome)
                                        : error_response(outcome.error()));
                      });
}

// -- who may call ------------------------------------------------------------------------------------

// The number of the key, from 1, or 0.
std::size_t number_of_key(std::string_view given, const std::vector<std::string>& keys) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) // all of them: how long it takes tells nothing
    if (keys[i].size() == given.size() &&
        CRYPTO_memcmp(keys[i].data(), given.data(), given.size()) == 0)
      number = i + 1;
  return number;
}

constexpr const char* not_let_in = "Not a valid API key or admin's token";

http_response unauthorized(std::string message) {
  auto refused = error_response({errc::insufficient_permissions, std::move(message)}, 401);
  refused.fields = {{"WWW-Authenticate", "Bearer"}};
  return refused;
}

// It is the server that ends: no actor's business.
http_response begin_drain(const server_context& context, std::string_view caller) {
  context.observers.audit({.what = "drain", .who = caller});
  context.routes.begin_drain();
  return {200, "application/json", "{}\n", {}};
}

} // namespace

result<std::string, refused_caller> caller_of(const server_context& context,
                                              const std::vector<std::string>& keys,
                                              const http_request& request) {
  const auto given = bearer_of(request);
  if (const auto number = number_of_key(given, keys); number != 0)
    return "api key " + std::to_string(number);
  if (given.empty())
    return fail(refused_caller{unauthorized(context.settings.verify
                                              ? "An API key or an admin's token is needed"
                                              : "An API key is needed"),
                               {},
                               "no key"});
  if (!context.settings.verify)
    return fail(refused_caller{unauthorized("Not a valid API key"), {}, "not a key"});
  const auto verified = context.settings.verify(given);
  if (!verified)
    return fail(
      refused_caller{unauthorized(verified.error().expired ? "Token expired" : not_let_in),
                     {},
                     "not a key, and as a token: " + verified.error().why});
  const identity& who = **verified;
  if (const auto denied = context.denied(who))
    return fail(refused_caller{unauthorized(not_let_in), who.user_id,
                               *denied == denial::token ? "token denied" : "user denied"});
  if (!who.has_role("admin"))
    return fail(
      refused_caller{error_response({errc::insufficient_permissions,
                                     "Insufficient permissions: the role 'admin' is needed"}),
                     who.user_id, "not an admin"});
  return who.user_id;
}

void call_api(io_loop& loop, const server_context& context, std::string caller,
              const http_request& request, std::string_view path, response_function respond) {
  auto wanted = read_api_request(request, path, context.live().bounds);
  if (!wanted)
    return respond(wanted.error());
  auto& what = *wanted;
  const auto& routes = context.routes;
  if (auto* message = std::get_if<post>(&what))
    ask<posted>(loop, routes.directory, std::move(*message), std::move(respond));
  else if (auto* command = std::get_if<admin::command>(&what))
    ask<administered>(loop, routes.users, administer{std::move(*command), std::move(caller)},
                      std::move(respond));
  else
    respond(begin_drain(context, caller));
}

} // namespace troupe
