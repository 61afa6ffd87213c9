#include "server/config/config_kinds.hpp"

#include "server/log/printable.hpp"
#include "troupe/inbox.hpp"
#include "troupe/wire/client_address.hpp"
#include "troupe/wire/names.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace troupe {

value_error got(const config_value& value) {
  return {describe(value), value.line, value.column};
}

bool within(double number, value_range bounds) {
  return number >= bounds.min && number <= bounds.max;
}

namespace kinds {

namespace {

using loose = config_value::loose;

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string shown(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number, std::chars_format::fixed).ptr};
}

} // namespace

std::string bounded::range(value_range bounds) {
  return shown(bounds.min) + " to " + shown(bounds.max);
}

value_check text::read(const config_value& value, value_range bounds, std::string& into) {
  const auto* given = text_of(value);
  if (given == nullptr || !within(static_cast<double>(given->size()), bounds) ||
      !is_printable(*given))
    return fail(got(value));
  into = *given;
  return {};
}

std::string text::show(const std::string& value) {
  return in_quotes(value, value.size());
}

value_check room_name::read(const config_value& value, value_range bounds, std::string& into) {
  std::string name;
  auto done = text::read(value, bounds, name);
  if (done && !name.empty() && !valid_name(name))
    done = fail(got(value));
  if (done)
    into = std::move(name);
  return done;
}

std::string room_name::expected(value_range) {
  return "1 to 128 of A-Z a-z 0-9 _ - : @ / in parts divided by dots, or nothing";
}

value_check inbox::read(const config_value& value, value_range bounds, std::string& into) {
  std::string pattern;
  auto done = text::read(value, bounds, pattern);
  if (done && !pattern.empty() && !valid_inbox_pattern(pattern))
    done = fail(got(value));
  if (done)
    into = std::move(pattern);
  return done;
}

std::string inbox::expected(value_range) {
  return "a name of several parts of which one is {user_id}, such as \"user.{user_id}\", or "
         "nothing";
}

value_check traced::read(const config_value& value, value_range bounds, std::string& into) {
  std::string given;
  auto done = text::read(value, bounds, given);
  const auto slash = given.find('/');
  if (done && slash != std::string::npos && client_address::parse(given.substr(0, slash)) &&
      !address_block::parse(given))
    done = fail(got(value));
  if (done)
    into = std::move(given);
  return done;
}

std::string traced::expected(value_range) {
  return "a user's id, an address, or a network such as 192.0.2.0/24, with zeros behind the prefix";
}

std::string text::expected(value_range bounds) {
  return "printable text of " + range(bounds) + " bytes";
}

value_check integer::read(const config_value& value, value_range bounds, std::int64_t& into) {
  std::optional<std::int64_t> number;
  if (const auto* given = std::get_if<loose>(&value.data))
    number = parse_number<std::int64_t>(given->text);
  else if (const auto* exact = std::get_if<std::int64_t>(&value.data))
    number = *exact;
  if (!number || !within(static_cast<double>(*number), bounds))
    return fail(got(value));
  into = *number;
  return {};
}

std::string integer::show(std::int64_t value) {
  return std::to_string(value);
}

std::string integer::expected(value_range bounds) {
  return "an integer from " + range(bounds);
}

value_check seconds::read(const config_value& value, value_range bounds,
                          std::chrono::milliseconds& into) {
  std::optional<double> number;
  if (const auto* given = std::get_if<loose>(&value.data))
    number = parse_number<double>(given->text);
  else if (const auto* whole = std::get_if<std::int64_t>(&value.data))
    number = static_cast<double>(*whole);
  else if (const auto* fraction = std::get_if<double>(&value.data))
    number = *fraction;
  if (!number || !within(*number, bounds))
    return fail(got(value));
  into = std::chrono::milliseconds{std::llround(*number * 1000)};
  return {};
}

std::string seconds::show(std::chrono::milliseconds value) {
  return shown(static_cast<double>(value.count()) / 1000);
}

std::string seconds::expected(value_range bounds) {
  return "seconds from " + range(bounds);
}

value_check word::read(const config_value& value, std::span<const std::string_view> words,
                       std::size_t& into) {
  const auto* given = text_of(value);
  if (given == nullptr)
    return fail(got(value));
  const bool any_case = std::holds_alternative<loose>(value.data);
  const auto found = std::ranges::find_if(words, [&](std::string_view word) {
    return any_case ? lower(*given) == lower(word) : *given == word;
  });
  if (found == words.end())
    return fail(got(value));
  into = static_cast<std::size_t>(found - words.begin());
  return {};
}

std::string word::show(std::string_view value) {
  return in_quotes(value);
}

std::string word::range(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0)
      out += i + 1 < words.size() ? ", " : " or ";
    out += words[i];
  }
  return out;
}

value_check boolean::read(const config_value& value, value_range, bool& into) {
  if (const auto* given = std::get_if<bool>(&value.data)) {
    into = *given;
    return {};
  }
  const auto* given = std::get_if<loose>(&value.data);
  if (given == nullptr)
    return fail(got(value));
  const auto word = lower(given->text);
  const bool truth = word == "true" || word == "yes" || word == "on" || word == "1";
  if (!truth && word != "false" && word != "no" && word != "off" && word != "0")
    return fail(got(value));
  into = truth;
  return {};
}

std::string boolean::show(bool value) {
  return value ? "true" : "false";
}

value_check secret::read(const config_value& value, value_range bounds, std::string& into) {
  const auto* given = text_of(value);
  const bool right_length = given != nullptr && within(static_cast<double>(given->size()), bounds);
  if (given == nullptr || (!given->empty() && (!right_length || !is_printable(*given)))) {
    auto got = describe_secret(value);
    if (right_length)
      got += ", with a character that is not printable";
    return fail(value_error{std::move(got), value.line, value.column});
  }
  into = *given;
  return {};
}

std::string secret::show(const std::string& value) {
  return value.empty() ? "\"\"" : "a secret";
}

std::string secret::expected(value_range bounds) {
  return "a secret of " + bounded::range(bounds) + " bytes of printable text";
}

std::string secret::range(value_range bounds) {
  return "none, or " + bounded::range(bounds);
}

} // namespace kinds

} // namespace troupe
