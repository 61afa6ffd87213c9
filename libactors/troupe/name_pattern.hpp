// A pattern of a namespace: which names it has, and whose they are. Pure; immutable.
//
// A part of it may be a placeholder, `{user_id}` or `{claim.NAME}`: it has every part, but each of
// them is the name of one user alone. What a token says is compared with a name, byte by byte, and
// never becomes a part of a pattern: see name_part.hpp for how it is written in a name.
#pragma once

#include "troupe/wire/identity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class name_pattern {
public:
  /// What a pattern says of a name, to somebody.
  enum class fit : std::uint8_t {
    none,   ///< it does not have the name
    others, ///< it has the name, but not for them
    theirs  ///< it has the name for them
  };

  /// A pattern as valid_pattern (access.hpp) has them, or one with placeholders; else nothing.
  static std::optional<name_pattern> parse(std::string_view text);

  const std::string& text() const { return text_; }
  /// Whether it has placeholders, so that nobody without a token has any of its names.
  bool personal() const { return personal_; }
  /// The claims that it names.
  std::vector<std::string> claims() const;

  /// `name` is a valid name; `who` may be null. A claim or id that is missing or empty fits
  /// nothing.
  fit of(std::string_view name, const identity* who) const;
  /// The same for all names that match `pattern`, a name in which parts may be `*` and the last one
  /// `>`: it has every one of them, and for whom. Where they are several users' it is none.
  fit has_all(std::string_view pattern, const identity* who) const;
  /// Whether it has `name`, for whomever.
  bool has(std::string_view name) const { return of(name, nullptr) != fit::none; }

private:
  enum class kind : std::uint8_t {
    text,    ///< this text
    any,     ///< this text and something behind it
    rest,    ///< the same, and all parts behind it
    user_id, ///< the user's id
    claim    ///< the claim of this name
  };
  struct part {
    kind what;
    std::string text;
  };

  static std::optional<part> parse_part(std::string_view text);
  static fit fit_of(const part& wanted, std::string_view given, const identity* who);
  static fit fit_of_all(const part& wanted, std::string_view given, const identity* who);
  template <class Fit>
  fit walk(std::string_view name, const identity* who, Fit fit_of_part) const;

  std::string text_;
  std::string head_; // its first parts that are texts, with the dot behind them
  std::vector<part> parts_;
  bool personal_ = false;
};

/// Whether a text has a placeholder, if it is a pattern.
bool has_placeholder(std::string_view pattern);

} // namespace troupe
