#include "troupe/wire/names.hpp"

#include "troupe/json/utf8.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

constexpr auto name_characters = [] {
  std::array<bool, 256> allowed{};
  for (char c = 'a'; c <= 'z'; ++c)
    allowed[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c)
    allowed[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c)
    allowed[static_cast<unsigned char>(c)] = true;
  for (char c : {'_', '-', '.', ':', '@', '/'})
    allowed[static_cast<unsigned char>(c)] = true;
  return allowed;
}();

// Frames a client acts on as the server's own word: nobody may publish under their names.
constexpr std::array<std::string_view, 20> reserved_events{
  "connection", "authenticated", "subscribed",   "unsubscribed", "joined",
  "left",       "user_joined",   "user_left",    "message",      "announcement",
  "ping",       "pong",          "error",        "disconnect",   "published",
  "presence",   "history",       "admin_result", "rpc_result",   "gap"};

} // namespace

bool valid_name(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max)
    return false;
  char previous = '.';
  for (char c : name) {
    if (!name_characters[static_cast<unsigned char>(c)] || (c == '.' && previous == '.'))
      return false;
    previous = c;
  }
  return previous != '.';
}

bool valid_event(std::string_view event) {
  return event.size() <= 64 && valid_name(event) &&
         event.find_first_of("@/") == std::string_view::npos &&
         std::find(reserved_events.begin(), reserved_events.end(), event) == reserved_events.end();
}

bool valid_user(std::string_view user, std::size_t bytes_max) {
  if (user.empty() || user.size() > bytes_max || !valid_utf8(user))
    return false;
  return std::none_of(user.begin(), user.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

} // namespace troupe
