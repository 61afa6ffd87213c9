// Subjects and names as patterns: what may be listened to, and what the wildcards stood for. Pure.
//
// `*` is one token between dots, `>` at the end one or more. A subject comes from outside: what a
// wildcard captures may hold any byte but a dot, and is checked where it becomes part of a name.
#pragma once

#include <string_view>
#include <vector>

namespace troupe {

/// One token of a pattern. The pattern of a name may have a wildcard behind a slash: `poll/*` has
/// the stem `poll/`. A subject has no such tokens.
struct pattern_token {
  std::string_view stem;
  char wildcard = '\0'; ///< `*`, `>`, or none

  static pattern_token of(std::string_view token);

  /// Whether `token` is the stem, with something behind it where there is a wildcard.
  bool fits(std::string_view token) const {
    return wildcard == '\0' ? token == stem : token.size() > stem.size() && token.starts_with(stem);
  }
};

/// True when `pattern` may be listened to: a valid subject (bus_messages.hpp) where any token may
/// be `*` and the last one `>`.
bool valid_subject_pattern(std::string_view pattern);

/// What the wildcards of a pattern stood for; points into the subject.
struct captured {
  std::vector<std::string_view> tokens; ///< of each `*`, from left to right
  std::string_view rest;                ///< of `>`
};

/// Sets `out` when `subject` matches `pattern`.
bool capture(std::string_view pattern, std::string_view subject, captured& out);

/// How many `*` a pattern has, and whether it ends with `>`.
struct wildcards {
  std::size_t tokens = 0;
  bool rest = false;
};
wildcards wildcards_of(std::string_view pattern);

} // namespace troupe
