#include "troupe/subject_pattern.hpp"

#include "troupe/bus_messages.hpp"

#include <algorithm>
#include <string>

namespace troupe {

namespace {

// Takes the first token off `text`, and the dot behind it. `last` says that there is no more.
std::string_view take_token(std::string_view& text, bool& last) {
  const auto dot = text.find('.');
  const auto token = text.substr(0, dot);
  last = dot == std::string_view::npos;
  text.remove_prefix(last ? text.size() : dot + 1);
  return token;
}

} // namespace

bool valid_subject_pattern(std::string_view pattern) {
  std::string plain; // the same without wildcards
  bool last = false;
  for (auto left = pattern; !last;) {
    const auto token = take_token(left, last);
    const bool wildcard = token == "*" || (token == ">" && last);
    plain.append(wildcard ? "x" : token).append(last ? "" : ".");
  }
  return valid_subject(plain);
}

bool capture(std::string_view pattern, std::string_view subject, captured& out) {
  out.tokens.clear();
  out.rest = {};
  bool pattern_ends = false, subject_ends = false;
  while (!pattern_ends) {
    const auto wanted = take_token(pattern, pattern_ends);
    if (subject_ends)
      return false;
    if (wanted == ">" && pattern_ends) {
      out.rest = subject;
      return !subject.empty();
    }
    const auto token = take_token(subject, subject_ends);
    if (wanted == "*")
      out.tokens.push_back(token);
    else if (token != wanted)
      return false;
    if (token.empty())
      return false;
  }
  return subject_ends;
}

wildcards wildcards_of(std::string_view pattern) {
  wildcards out;
  bool last = false;
  while (!last) {
    const auto token = take_token(pattern, last);
    out.tokens += token == "*" ? 1 : 0;
    out.rest = out.rest || (last && token == ">");
  }
  return out;
}

} // namespace troupe
