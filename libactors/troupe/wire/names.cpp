#include "troupe/wire/names.hpp"

#include "troupe/json/unicode.hpp"
#include "troupe/json/utf8.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

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

// Frames a client acts on as the word of a service: those may send them, clients may not.
constexpr std::array<std::string_view, 2> of_services{"announcement", "notification"};

// Frames of rooms, which have their types from a room's logic.
constexpr std::array<std::string_view, 3> of_rooms{"message", "user_joined", "user_left"};

// Frames that a later version of the server sends.
constexpr std::array<std::string_view, 2> of_later{"history", "position"};

// Every frame that the server makes by itself.
constexpr std::array of_the_server{
#define TROUPE_EVENT(name, type) std::string_view{type},
#define TROUPE_NAMED_EVENT(name)
#define TROUPE_FIELD(key, kind)
#define TROUPE_EVENT_END
#include "troupe/wire/server_events.def"
};

bool among(std::span<const std::string_view> types, std::string_view event) {
  return std::find(types.begin(), types.end(), event) != types.end();
}

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

bool valid_topic_pattern(std::string_view pattern) {
  if (pattern.size() > name_bytes_max || !has_wildcard(pattern) ||
      static_cast<std::size_t>(std::ranges::count(pattern, '.')) >= pattern_parts_max)
    return false;
  std::string plain(pattern); // with a letter in the place of each wildcard
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool begins = i == 0 || pattern[i - 1] == '.';
    const bool last = i + 1 == plain.size();
    if (begins &&
        ((pattern[i] == '*' && (last || pattern[i + 1] == '.')) || (pattern[i] == '>' && last)))
      plain[i] = 'x';
  }
  return valid_name(plain);
}

bool valid_event(std::string_view event) {
  if (event.size() > 64 || !valid_name(event) ||
      event.find_first_of("@/") != std::string_view::npos)
    return false;
  return among(of_services, event) ||
         !(among(of_the_server, event) || among(of_rooms, event) || among(of_later, event));
}

bool free_for_clients(std::string_view event) {
  return !among(of_services, event);
}

std::vector<std::string_view> reserved_events() {
  std::vector<std::string_view> out;
  for (const auto list :
       {std::span<const std::string_view>(of_the_server),
        std::span<const std::string_view>(of_rooms), std::span<const std::string_view>(of_later)})
    for (const auto event : list)
      if (!valid_event(event) && !among(out, event))
        out.push_back(event);
  return out;
}

std::vector<std::string_view> events_of_services() {
  return {of_services.begin(), of_services.end()};
}

namespace {

bool is_text(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && valid_utf8(text);
}

// Whether a character may stand between `before` and `rest`.
bool may_stand(glyph now, glyph before, std::string_view rest) {
  constexpr std::string_view keycap = "\u20e3";
  if (before == glyph::joiner)
    return now == glyph::shown;
  switch (now) {
  case glyph::shown:
  case glyph::ascii:
  case glyph::blank:
    return true;
  case glyph::selector:
    return before == glyph::shown || (before == glyph::ascii && rest.starts_with(keycap));
  case glyph::joiner:
    return !rest.empty() && (before == glyph::shown || before == glyph::selector);
  case glyph::control:
  case glyph::hidden:
    return false;
  }
  return false;
}

} // namespace

std::string_view without_blank_ends(std::string_view name) {
  std::size_t first = name.size(), behind = name.size(); // of what is seen
  for (auto rest = name; !rest.empty();) {
    const auto at = name.size() - rest.size();
    if (glyph_of(take_character(rest)) == glyph::blank)
      continue;
    first = std::min(first, at);
    behind = name.size() - rest.size();
  }
  return name.substr(first, behind - first);
}

bool valid_display_name(std::string_view name, std::size_t bytes_max) {
  if (!is_text(name, bytes_max) || without_blank_ends(name) != name)
    return false;
  glyph before = glyph::blank;
  while (!name.empty()) {
    const glyph now = glyph_of(take_character(name));
    if (!may_stand(now, before, name))
      return false;
    before = now;
  }
  return true;
}

std::string bad_display_name(std::size_t bytes_max) {
  return "'user' must be 1 to " + std::to_string(bytes_max) +
         " bytes that can be seen: no control or invisible characters, no spaces at the ends";
}

bool valid_user_id(std::string_view id, std::size_t bytes_max) {
  if (!is_text(id, bytes_max))
    return false;
  while (!id.empty())
    if (glyph_of(take_character(id)) == glyph::control)
      return false;
  return true;
}

namespace {

// What two names have in common that look alike.
std::string as_seen(std::string_view name) {
  std::string out;
  bool parted = false;
  while (!name.empty()) {
    auto character = name;
    const glyph what = glyph_of(take_character(name));
    character.remove_suffix(name.size());
    parted = parted || (what == glyph::blank && !out.empty());
    if (what != glyph::shown && what != glyph::ascii)
      continue;
    if (std::exchange(parted, false))
      out += ' ';
    for (const char c : character)
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

} // namespace

bool is_taken(std::string_view name, const std::vector<std::string>& taken) {
  const auto seen = as_seen(name);
  return std::ranges::any_of(taken, [&](const auto& each) { return as_seen(each) == seen; });
}

} // namespace troupe
