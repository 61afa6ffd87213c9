#include "server/auth/strict_json.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

struct breach {};

// Watches the parser at work, and stops it.
class strictness {
public:
  void see(json::parse_event_t event, const json& parsed) {
    switch (event) {
    case json::parse_event_t::object_start:
    case json::parse_event_t::array_start:
      if (open_.size() == strict_json_depth_max)
        throw breach{};
      open_.emplace_back();
      break;
    case json::parse_event_t::key:
      if (!open_.back().insert(parsed.get<std::string>()).second)
        throw breach{};
      break;
    case json::parse_event_t::object_end:
    case json::parse_event_t::array_end:
      open_.pop_back();
      break;
    case json::parse_event_t::value:
      break;
    }
  }

private:
  std::vector<std::set<std::string>> open_; // the names so far in each object that is open
};

} // namespace

bool read_strict_object(std::string_view text, json& into) {
  // The parser takes a zero byte for the end of the text, and skips a byte order mark.
  if (text.find('\0') != std::string_view::npos || text.starts_with('\xef'))
    return false;
  strictness rules;
  try {
    into = json::parse(text.begin(), text.end(),
                       [&rules](int, json::parse_event_t event, const json& parsed) {
                         rules.see(event, parsed);
                         return true;
                       });
  } catch (const json::exception&) {
    return false;
  } catch (const breach&) {
    return false;
  }
  return into.is_object();
}

} // namespace troupe
