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

pattern_token pattern_token::of(std::string_view token) {
  const bool wild = token.ends_with('*') || token.ends_with('>');
  if (!wild || (token.size() > 1 && token[token.size() - 2] != '/'))
    return {token};
  return {token.substr(0, token.size() - 1), token.back()};
}

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
    const auto wanted = pattern_token::of(take_token(pattern, pattern_ends));
    if (subject_ends)
      return false;
    const auto left = subject;
    const auto token = take_token(subject, subject_ends);
    if (!wanted.fits(token) || token.empty())
      return false;
    if (wanted.wildcard == '>' && pattern_ends) {
      out.rest = left.substr(wanted.stem.size());
      return true;
    }
    if (wanted.wildcard == '*')
      out.tokens.push_back(token.substr(wanted.stem.size()));
  }
  return subject_ends;
}

wildcards wildcards_of(std::string_view pattern) {
  wildcards out;
  bool last = false;
  while (!last) {
    const auto wildcard = pattern_token::of(take_token(pattern, last)).wildcard;
    out.tokens += wildcard == '*' ? 1 : 0;
    out.rest = out.rest || (last && wildcard == '>');
  }
  return out;
}

} // namespace troupe
