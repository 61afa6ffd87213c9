#include "server/net/api.hpp"

#include "troupe/messages.hpp"
#include "troupe/names.hpp"
#include "troupe/placed_actor.hpp"
#include "troupe/request_fields.hpp"
#include "troupe/utf8.hpp"

#include <caf/event_based_actor.hpp>
#include <openssl/crypto.h>

#include <chrono>
#include <variant>

namespace troupe {

namespace http = boost::beast::http;

namespace {

constexpr std::chrono::seconds answer_timeout{5};

using answer_function = std::function<void(const http_answer&)>;
using call = std::variant<post, announce>;

struct any_messages {
  using base = caf::event_based_actor;
};

// One call on its way: asks the directory, answers, ends.
class api_call final : public placed_actor<any_messages> {
public:
  api_call(caf::actor_config& config, event_loop* loop, const house& here, call what,
           answer_function answer)
    : placed_actor(config, loop),
      here_(here),
      what_(std::move(what)),
      answer_(std::move(answer)) {}

  const char* name() const override { return "api_call"; }

protected:
  caf::behavior make_behavior() override {
    std::visit([this](auto& message) { ask(std::move(message)); }, what_);
    return {};
  }

private:
  template <class Message>
  void ask(Message message) {
    auto failed = [this](const caf::error&) { answer_(error_answer(failure{errc::timeout})); };
    auto waiting = request(here_.directory, answer_timeout, std::move(message));
    if constexpr (std::is_same_v<Message, announce>)
      waiting.then(
        [this](const announced&) {
          answer_({200, "application/json", "{}\n", {}});
        },
        failed);
    else
      waiting.then([this](const posted& outcome) { answer_(shown(outcome)); }, failed);
  }

  static http_answer shown(const posted& outcome) {
    if (auto* why = std::get_if<failure>(&outcome.result))
      return error_answer(*why);
    const auto& at = std::get<position>(outcome.result);
    std::string body = R"({"epoch":)";
    append_json_string(body, at.epoch);
    body += R"(,"offset":)";
    append_number(body, at.offset);
    return {200, "application/json", body + "}\n", {}};
  }

  const house& here_;
  call what_;
  answer_function answer_;
};

bool knows_key(const http_request& request, const std::vector<std::string>& keys) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = request[http::field::authorization];
  std::string_view given{field.data(), field.size()};
  if (!given.starts_with(scheme))
    return false;
  given.remove_prefix(scheme.size());
  bool known = false;
  for (const auto& key : keys) // all of them: how long it takes tells nothing
    known |= key.size() == given.size() && CRYPTO_memcmp(key.data(), given.data(), key.size()) == 0;
  return known;
}

struct api_route {
  std::string_view prefix;
  std::string_view suffix; ///< behind the part that varies, if any
  call (*read)(request_fields&, const limits&, std::string_view varying);
};

call read_publish(request_fields& in, const limits& bounds, std::string_view) {
  post out{.kind = audience_kind::topic};
  std::string_view data;
  in.required_name("topic", out.name);
  in.event(out.event);
  in.string("msg_id", bounds.id_bytes_max, out.msg_id);
  if (!in.any("data", data))
    in.fail(errc::bad_request, "'data' is required");
  out.content = data;
  return out;
}

call read_say(request_fields& in, const limits&, std::string_view room) {
  post out{.kind = audience_kind::room};
  std::string_view content;
  if (!percent_decode(room, out.name) || !valid_name(out.name))
    in.fail(errc::invalid_name, "Not a valid room name");
  in.user(out.user);
  if (out.user.empty())
    out.user = "server";
  if (!in.any("message", content) && !in.any("content", content))
    in.fail(errc::bad_request, "'message' is required");
  out.content = content;
  return out;
}

call read_announce(request_fields& in, const limits& bounds, std::string_view) {
  announce out;
  in.required_string("text", bounds.frame_bytes_max, out.text);
  return out;
}

constexpr api_route routes[] = {
  {"/api/v1/publish", "", read_publish},
  {"/api/v1/rooms/", "/message", read_say},
  {"/api/v1/announce", "", read_announce},
};

// The part of `path` that varies; false when the route is another.
bool matches(const api_route& route, std::string_view path, std::string_view& varying) {
  if (route.suffix.empty())
    return path == route.prefix;
  if (!path.starts_with(route.prefix) || !path.ends_with(route.suffix) ||
      path.size() <= route.prefix.size() + route.suffix.size())
    return false;
  varying =
    path.substr(route.prefix.size(), path.size() - route.prefix.size() - route.suffix.size());
  return true;
}

std::variant<call, failure> read_call(const api_route& route, std::string_view varying,
                                      const std::string& body, const limits& bounds) {
  if (!valid_utf8(body))
    return failure{errc::bad_json, "Not a JSON object: invalid UTF-8"};
  std::vector<json_member> members;
  if (auto wrong = scan_object(body, bounds.json_depth_max, members))
    return failure{errc::bad_json, "Not a JSON object: " + std::string(wrong->what) + " at byte " +
                                     std::to_string(wrong->at)};
  request_fields in(members, bounds);
  call out = route.read(in, bounds, varying);
  if (in.failed())
    return std::move(in).why();
  return out;
}

} // namespace

void call_api(const api_access& access, const http_request& request, std::string_view path,
              answer_function answer) {
  if (!knows_key(request, access.keys)) {
    auto refused = error_answer({errc::insufficient_permissions, "An API key is needed"}, 401);
    refused.fields = {{"WWW-Authenticate", "Bearer"}};
    return answer(refused);
  }
  for (const auto& route : routes) {
    std::string_view varying;
    if (!matches(route, path, varying))
      continue;
    if (request.method() != http::verb::post) {
      auto refused = error_answer({errc::bad_request, "Only POST here"}, 405);
      refused.fields = {{"Allow", "POST"}};
      return answer(refused);
    }
    auto what = read_call(route, varying, request.body(), access.here.bounds);
    if (auto* why = std::get_if<failure>(&what))
      return answer(error_answer(*why));
    spawn_placed<api_call>(access.loop.system(), &access.loop, access.here,
                           std::get<call>(std::move(what)), std::move(answer));
    return;
  }
  answer(error_answer({errc::not_found, "No such path"}));
}

} // namespace troupe
