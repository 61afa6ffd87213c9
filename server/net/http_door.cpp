#include "server/net/http_door.hpp"

#include "server/net/api.hpp"
#include "server/net/handshake.hpp"
#include "server/net/socket_connection.hpp"
#include "troupe/names.hpp"
#include "troupe/outlet.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe {

namespace http = boost::beast::http;

namespace {

/// What a path leads to.
struct destination {
  enum class kind : std::uint8_t { nothing, bad_name, socket, page, api } what = kind::nothing;
  std::string room; ///< to be in from the start
};

using where = destination::kind;

// `/chat/{id}` and `/room/chat/{id}` are the room `id`; `/room/{type}/{id}` is `type/id`.
destination room_at(const house& here, std::string_view type, std::string_view encoded_id) {
  std::string id;
  if (!here.rooms.contains(type))
    return {};
  if (!percent_decode(encoded_id, id))
    return {where::bad_name, {}};
  std::string room = type == default_room_type ? id : std::string(type) + "/" + id;
  if (id.empty() || !valid_name(room))
    return {where::bad_name, {}};
  return {where::socket, std::move(room)};
}

destination destination_of(const house& here, std::string_view path) {
  constexpr std::string_view chat = "/chat/", room = "/room/", api = "/api/v1/";
  if (path == "/ws")
    return {where::socket, {}};
  if (path.starts_with(chat))
    return room_at(here, default_room_type, path.substr(chat.size()));
  if (path.starts_with(room)) {
    const auto rest = path.substr(room.size());
    const auto slash = rest.find('/');
    return slash == std::string_view::npos
             ? destination{}
             : room_at(here, rest.substr(0, slash), rest.substr(slash + 1));
  }
  if (path.starts_with(api))
    return {where::api, {}};
  return {where::page, {}};
}

} // namespace

http_door::http_door(io_loop& on, const house& here, outlet& ear, const door_settings& settings)
  : loop_(on),
    here_(here),
    ear_(ear),
    settings_(settings) {}

http_door::~http_door() = default;

void http_door::welcome(descriptor socket) {
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  auto who = std::make_shared<http_visitor>(*this, std::move(socket));
  visitors_.emplace(who.get(), who);
  if (!who->start())
    who->close();
}

void http_door::close() {
  const auto leaving = std::move(visitors_);
  visitors_.clear();
  for (const auto& [key, who] : leaving)
    who->close();
}

void http_door::forget(const http_visitor& who) {
  if (auto gone = visitors_.extract(&who))
    loop_.outlives_turn(std::move(gone.mapped())); // the kernel may have more to tell it
}

void http_door::take_request(http_visitor& from, const http_request& request) {
  const auto [path, query] = split_target({request.target().data(), request.target().size()});
  auto to = destination_of(here_, path);
  switch (to.what) {
  case where::nothing:
    return from.answer(error_answer({errc::not_found, "No such path"}));
  case where::bad_name:
    return from.answer(error_answer({errc::invalid_name, "Not a valid room name"}));
  case where::socket:
    return let_in(from, request, std::move(to.room));
  case where::api:
    return call_api({loop_, here_, settings_.api_keys}, request, path,
                    [who = from.weak_from_this()](const http_answer& answer) {
                      if (auto visitor = who.lock())
                        visitor->answer(answer);
                    });
  case where::page:
    return from.answer(answer_page(request, path));
  }
}

http_answer http_door::answer_page(const http_request& request, std::string_view path) const {
  if (path != "/" && path != "/healthz" && path != "/readyz")
    return error_answer({errc::not_found, "No such path"});
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    auto answer = error_answer({errc::bad_request, "Only GET here"}, 405);
    answer.fields = {{"Allow", "GET, HEAD"}};
    return answer;
  }
  if (path == "/")
    return {200,
            "text/html; charset=utf-8",
            std::string(settings_.page),
            {{"Cache-Control", "no-cache"}, {"X-Content-Type-Options", "nosniff"}}};
  const bool up = path == "/healthz" || settings_.ready.load(std::memory_order_relaxed);
  return {up ? 200u : 503u, "text/plain; charset=utf-8", up ? "ok\n" : "draining\n", {}};
}

void http_door::let_in(http_visitor& who, const http_request& request, std::string room) {
  auto handshake = shake_hands(request);
  if (auto* refusal = std::get_if<http_answer>(&handshake))
    return who.answer(*refusal);
  if (here_.connections.load(std::memory_order_relaxed) >= here_.bounds.connections_max) {
    auto answer = error_answer({errc::unavailable, "The server is full"});
    answer.fields = {{"Retry-After", "5"}};
    return who.answer(answer);
  }
  std::string user =
    query_parameter(split_target({request.target().data(), request.target().size()}).query, "user");
  if (!user.empty() && !valid_user(user, here_.bounds.user_bytes_max))
    return who.answer(error_answer({errc::bad_request, "'user' must be a name without control "
                                                       "characters"}));
  auto [socket, early] = who.become_connection();
  auto connection = spawn_light<socket_connection>(
    loop_.system(), loop_, loop_, here_, ear_,
    connection::opening{std::move(user), std::move(room)}, std::move(socket),
    std::get<std::string>(std::move(handshake)), std::move(early));
  connection->open();
  connection->start();
}

} // namespace troupe
