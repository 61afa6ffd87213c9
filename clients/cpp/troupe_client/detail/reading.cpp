#include "troupe_client/detail/reading.hpp"

#include "troupe_client/content.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace troupe_client {

namespace detail {

namespace {

// Takes part in the reading of one number, to learn what is wrong with it.
struct range_judge {
  bool beyond = false;

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(json::number_integer_t) { return true; }
  bool number_unsigned(json::number_unsigned_t) { return true; }
  bool number_float(json::number_float_t, const std::string&) { return true; }
  bool string(std::string&) { return true; }
  bool binary(json::binary_t&) { return true; }
  bool start_object(std::size_t) { return true; }
  bool key(std::string&) { return true; }
  bool end_object() { return true; }
  bool start_array(std::size_t) { return true; }
  bool end_array() { return true; }
  bool parse_error(std::size_t, const std::string&, const json::exception& why) {
    constexpr int out_of_range = 406;
    beyond = why.id == out_of_range;
    return false;
  }
};

bool is_beyond(std::string_view number) {
  range_judge judge;
  json::sax_parse(number, &judge);
  return judge.beyond;
}

bool begins_number(char c) {
  return c == '-' || (c >= '0' && c <= '9');
}

bool in_number(char c) {
  return begins_number(c) || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// Strings and numbers as a whole, all else by the character. The text may be anything.
template <class Take>
void each_token(std::string_view text, Take take) {
  for (std::size_t at = 0; at < text.size();) {
    auto end = at + 1;
    if (text[at] == '"') {
      while (end < text.size() && text[end] != '"')
        end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
    } else if (begins_number(text[at])) {
      while (end < text.size() && in_number(text[end]))
        ++end;
    }
    take(text.substr(at, end - at));
    at = end;
  }
}

bool is_too_deep(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  if (text.size() > depth_max)
    each_token(text, [&](std::string_view token) {
      if (token == "{" || token == "[")
        deepest = std::max(deepest, ++depth);
      else if ((token == "}" || token == "]") && depth > 0)
        --depth;
    });
  return deepest > depth_max;
}

// Empty where nothing is beyond the range.
std::string within_range(std::string_view text) {
  constexpr std::string_view most = "1.7976931348623157e308";
  std::string out;
  bool changed = false;
  each_token(text, [&](std::string_view token) {
    if (!begins_number(token.front()) || !is_beyond(token)) {
      out += token;
      return;
    }
    changed = true;
    (out += token.front() == '-' ? "-" : "") += most;
  });
  return changed ? out : std::string();
}

} // namespace

json read_json(std::string_view text) {
  if (is_too_deep(text))
    return json(json::value_t::discarded);
  auto out = json::parse(text, nullptr, false);
  if (out.is_discarded())
    if (const auto changed = within_range(text); !changed.empty())
      out = json::parse(changed, nullptr, false);
  return out;
}

std::optional<std::uint64_t> answered_by(std::string_view text) {
  std::string_view key, before, type;
  std::optional<std::uint64_t> id;
  std::size_t depth = 0;
  each_token(text, [&](std::string_view token) {
    constexpr std::string_view blanks = " \t\r\n";
    if (blanks.find(token) != std::string_view::npos)
      return;
    if (token == "{" || token == "[")
      ++depth;
    else if ((token == "}" || token == "]") && depth > 0)
      --depth;
    else if (depth == 1 && token == ":")
      key = before;
    else if (depth == 1 && before == ":" && key == R"("type")" && token.size() > 2)
      type = token.substr(1, token.size() - 2);
    else if (std::uint64_t number = 0;
             depth == 1 && before == ":" && key == R"("id")" &&
             std::from_chars(token.data(), token.data() + token.size(), number).ptr ==
               token.data() + token.size())
      id = number;
    before = token;
  });
  return is_answer(type) ? id : std::nullopt;
}

bool is_answer(std::string_view type) {
  constexpr std::array types{"error",       "sent",       "published",    "joined",
                             "left",        "history",    "presence",     "presence_updated",
                             "rpc_result",  "subscribed", "unsubscribed", "authenticated",
                             "admin_result"};
  return std::ranges::find(types, type) != types.end();
}

} // namespace detail

bool is_json(std::string_view text) {
  if (json::accept(text))
    return true;
  const auto changed = detail::within_range(text);
  return !changed.empty() && json::accept(changed);
}

} // namespace troupe_client
