// The kinds of value a key can have: how each is read, checked, shown and asked for. Pure.
//
// A kind is a struct with: `read`, which sets a member or says what is wrong; `show`, the member as
// TOML; `expected`, the end of "expected ..."; `range`, the same in a word or two, for help and
// documentation; `placeholder`, how help calls its value. A new kind is one more such struct; it
// inherits what it has in common with another. Lists are in list_kinds.hpp.
#pragma once

#include "server/config/config_value.hpp"
#include "server/settings/config.hpp"

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace troupe {

/// Of the value, or of the length of text in bytes; both ends belong to it.
struct value_range {
  double min = 0;
  double max = 0;
};

/// What was there instead of what was expected, and where.
struct value_error {
  std::string got;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// What reading a value returns.
using value_check = result<void, value_error>;

/// The error of a value of which everybody may see what it is.
value_error got(const config_value& value);

/// NaN is within nothing.
bool within(double number, value_range bounds);

namespace kinds {

/// What is bounded as a number or by its length: `128 to 16777216`.
struct bounded {
  static std::string range(value_range bounds);
};

/// Printable UTF-8 text.
struct text : bounded {
  static constexpr std::string_view placeholder = "TEXT";
  static value_check read(const config_value& value, value_range bounds, std::string& into);
  static std::string show(const std::string& value);
  static std::string expected(value_range bounds);
};

/// The name of a room (names.hpp), or none.
struct room_name : text {
  static constexpr std::string_view placeholder = "NAME";
  static value_check read(const config_value& value, value_range bounds, std::string& into);
  static std::string expected(value_range bounds);
};

/// The pattern of an inbox (inbox.hpp), or none.
struct inbox : text {
  static constexpr std::string_view placeholder = "PATTERN";
  static value_check read(const config_value& value, value_range bounds, std::string& into);
  static std::string expected(value_range bounds);
};

/// A user's id, an address or a network; or none. What looks like a network must be one.
struct traced : text {
  static value_check read(const config_value& value, value_range bounds, std::string& into);
  static std::string expected(value_range bounds);
};

/// The name of a service on NATS (rpc_rules.hpp). Defined in rpc_section.cpp.
struct service_name : text {
  static constexpr std::string_view placeholder = "NAME";
  static value_check read(const config_value& value, value_range bounds, std::string& into);
  static std::string expected(value_range bounds);
  static std::string range(value_range bounds);
};

struct integer : bounded {
  static constexpr std::string_view placeholder = "N";
  static value_check read(const config_value& value, value_range bounds, std::int64_t& into);
  static std::string show(std::int64_t value);
  static std::string expected(value_range bounds);

  /// For a member of any unsigned type that has room for `bounds`.
  template <std::unsigned_integral T>
  static value_check read(const config_value& value, value_range bounds, T& into) {
    std::int64_t number = 0;
    auto done = read(value, bounds, number);
    if (done)
      into = static_cast<T>(number);
    return done;
  }
};

/// A duration: seconds in the file, fractions allowed, kept to the millisecond. Its key ends in
/// `_seconds`.
struct seconds : bounded {
  static constexpr std::string_view placeholder = "SECONDS";
  static value_check read(const config_value& value, value_range bounds,
                          std::chrono::milliseconds& into);
  static std::string show(std::chrono::milliseconds value);
  static std::string expected(value_range bounds);
};

/// One of a few words. In a variable or a flag, case does not matter.
struct word {
  static constexpr std::string_view placeholder = "WORD";
  static value_check read(const config_value& value, std::span<const std::string_view> words,
                          std::size_t& into);
  static std::string show(std::string_view value);
  static std::string range(std::span<const std::string_view> words);
};

/// A word that stands for a value of `Enum`, whose values count from 0 as `names` does.
template <class Enum, const auto& names>
struct one_of : word {
  static value_check read(const config_value& value, value_range, Enum& into) {
    std::size_t index = 0;
    auto done = word::read(value, names, index);
    if (done)
      into = static_cast<Enum>(index);
    return done;
  }
  static std::string show(Enum value) { return word::show(names[static_cast<std::size_t>(value)]); }
  static std::string expected(value_range) { return "one of " + word::range(names); }
  static std::string range(value_range) { return word::range(names); }
};

using level = one_of<log_level, log_level_names>;
using algorithm = one_of<auth_algorithm, auth_algorithm_names>;
using reject = one_of<rejection, rejection_names>;
using format = one_of<log_format, log_format_names>;
using when_full = one_of<nats_when_full, nats_when_full_names>;
using tls_version = one_of<troupe::tls_version, tls_version_names>;
using presence = one_of<presence_mode, presence_mode_names>;
using proxy_protocol = one_of<troupe::proxy_protocol, proxy_protocol_names>;

/// True or false; in a variable or a flag also yes, no, on, off, 1 and 0, in any case.
struct boolean {
  static constexpr std::string_view placeholder = "BOOL";
  static value_check read(const config_value& value, value_range, bool& into);
  static std::string show(bool value);
  static std::string expected(value_range bounds) { return range(bounds); }
  static std::string range(value_range) { return "true or false"; }
};

/// One secret of printable text, or none (empty). Never shown: neither in errors nor by `show`.
struct secret {
  static constexpr std::string_view placeholder = "SECRET";
  static value_check read(const config_value& value, value_range bounds, std::string& into);
  static std::string show(const std::string& value);
  static std::string expected(value_range bounds);
  static std::string range(value_range bounds);
};

/// Where NATS is: URLs, which may hold a password, so that they are never shown.
struct nats_urls : secret {
  static constexpr std::string_view placeholder = "URL";
  static value_check read(const config_value& value, value_range bounds, std::string& into);
  static std::string expected(value_range bounds);
  static std::string range(value_range bounds);
};

} // namespace kinds

} // namespace troupe
