#include "server/net/api_routes.hpp"
#include "server/net/nearest_path.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using verb = boost::beast::http::verb;

std::string_view nearest(std::string_view path, verb method = verb::get) {
  auto known = api_paths();
  for (const auto* each :
       {"/ws", "/chat/{room}", "/room/{type}/{room}", "/healthz", "/readyz", "/metrics"})
    known.push_back({each, methods::get});
  return nearest_path(path, method, known);
}

TEST(nearest_path, a_slip_of_the_finger) {
  EXPECT_EQ(nearest("/wss"), "/ws");
  EXPECT_EQ(nearest("/ws/"), "/ws");
  EXPECT_EQ(nearest("//WS"), "/ws");
  EXPECT_EQ(nearest("/sw"), "/ws");
  EXPECT_EQ(nearest("/health"), "/healthz");
  EXPECT_EQ(nearest("/readyz/"), "/readyz");
  EXPECT_EQ(nearest("/metric"), "/metrics");
  EXPECT_EQ(nearest("/chats/lobby"), "/chat/{room}");
  EXPECT_EQ(nearest("/api/v1/room/x/presence"), "/api/v1/rooms/{id}/presence");
  EXPECT_EQ(nearest("/api/v1/publsh", verb::post), "/api/v1/publish");
}

TEST(nearest_path, a_part_that_is_missing_or_too_much) {
  EXPECT_EQ(nearest("/chat"), "/chat/{room}");
  EXPECT_EQ(nearest("/chat/"), "/chat/{room}");
  EXPECT_EQ(nearest("/room/lobby"), "/room/{type}/{room}");
  EXPECT_EQ(nearest("/ws/lobby"), "/ws");
  EXPECT_EQ(nearest("/api/rooms"), "/api/v1/rooms");
  EXPECT_EQ(nearest("/v1/stats"), "/api/v1/stats");
  EXPECT_EQ(nearest("/api/v2/publish", verb::post), "/api/v1/publish");
}

TEST(nearest_path, the_method_decides_between_two) {
  EXPECT_EQ(nearest("/api/v1/room/x"), "/api/v1/rooms/{id}");
  EXPECT_EQ(nearest("/api/v1/room/x", verb::post), "/api/v1/rooms/{id}/message");
  EXPECT_EQ(nearest("/api/v1/users/ann", verb::post), "/api/v1/users/{id}/send");
}

TEST(nearest_path, nothing_is_near_to_everything_else) {
  for (const auto& path :
       {std::string(), std::string("/"), std::string("/favicon.ico"), std::string("/websocket"),
        std::string("/lobby"), std::string("/wp-login.php"), std::string("/.env"),
        std::string("/a/b/c/d/e/f/g/h/i/j"), "/" + std::string(8000, 'w'), std::string(8000, '/')})
    EXPECT_EQ(nearest(path), "") << path.substr(0, 40);
}

TEST(nearest_path, others_call_their_websockets_so) {
  for (const auto* path :
       {"/wss", "/ws/x/y", "/websocket", "/socket.io/", "/sockjs/info", "/WebSocket/"})
    EXPECT_TRUE(sounds_like_websockets(path)) << path;
  for (const auto* path : {"", "/", "/api/websocket", "/healthz", "/news"})
    EXPECT_FALSE(sounds_like_websockets(path)) << path;
}

TEST(nearest_path, the_answer_says_it) {
  EXPECT_NE(no_such_path_but("/ws").message.find("No such path: did you mean /ws?"),
            std::string::npos);
  EXPECT_NE(no_such_path_but("").message.find("No such path"), std::string::npos);
}

} // namespace
} // namespace troupe
