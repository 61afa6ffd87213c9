#include "server/config/config_kinds.hpp"

#include "server/log/printable.hpp"
#include "server/net/origin.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace troupe::kinds {

namespace {

using loose = config_value::loose;

value_error fault(const config_value& value) {
  return {describe(value), value.line, value.column};
}

const std::string* text_of(const config_value& value) {
  if (const auto* given = std::get_if<loose>(&value.data))
    return &given->text;
  return std::get_if<std::string>(&value.data);
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

// NaN is within nothing.
bool within(double number, value_range bounds) {
  return number >= bounds.min && number <= bounds.max;
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

value_check text::read(const config_value& value, value_range bounds, std::string& into) {
  const auto* given = text_of(value);
  if (given == nullptr || !within(static_cast<double>(given->size()), bounds) ||
      !is_printable(*given))
    return fault(value);
  into = *given;
  return std::nullopt;
}

std::string text::show(const std::string& value) {
  return in_quotes(value, value.size());
}

std::string text::expected(value_range bounds) {
  return "printable text of " + range(bounds) + " bytes";
}

std::string text::range(value_range bounds) {
  return shown(bounds.min) + " to " + shown(bounds.max);
}

value_check integer::read(const config_value& value, value_range bounds, std::int64_t& into) {
  std::optional<std::int64_t> number;
  if (const auto* given = std::get_if<loose>(&value.data))
    number = parse_number<std::int64_t>(given->text);
  else if (const auto* exact = std::get_if<std::int64_t>(&value.data))
    number = *exact;
  if (!number || !within(static_cast<double>(*number), bounds))
    return fault(value);
  into = *number;
  return std::nullopt;
}

std::string integer::show(std::int64_t value) {
  return std::to_string(value);
}

std::string integer::expected(value_range bounds) {
  return "an integer from " + range(bounds);
}

std::string integer::range(value_range bounds) {
  return shown(bounds.min) + " to " + shown(bounds.max);
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
    return fault(value);
  into = std::chrono::milliseconds{std::llround(*number * 1000)};
  return std::nullopt;
}

std::string seconds::show(std::chrono::milliseconds value) {
  return shown(static_cast<double>(value.count()) / 1000);
}

std::string seconds::expected(value_range bounds) {
  return "seconds from " + range(bounds);
}

std::string seconds::range(value_range bounds) {
  return shown(bounds.min) + " to " + shown(bounds.max);
}

value_check word::read(const config_value& value, std::span<const std::string_view> words,
                       std::size_t& into) {
  const auto* given = text_of(value);
  if (given == nullptr)
    return fault(value);
  const bool any_case = std::holds_alternative<loose>(value.data);
  const auto found = std::ranges::find_if(words, [&](std::string_view word) {
    return any_case ? lower(*given) == lower(word) : *given == word;
  });
  if (found == words.end())
    return fault(value);
  into = static_cast<std::size_t>(found - words.begin());
  return std::nullopt;
}

std::string word::show(std::string_view value) {
  return in_quotes(value);
}

std::string word::expected(std::span<const std::string_view> words) {
  return "one of " + range(words);
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

namespace {

// The parts of `text` between commas, without the blanks around them. None in blank text.
config_value::list split_at_commas(std::string_view text) {
  config_value::list parts;
  if (text.find_first_not_of(" \t") == std::string_view::npos)
    return parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    auto part = text.substr(begin, end - begin);
    part.remove_prefix(std::min(part.find_first_not_of(" \t"), part.size()));
    part = part.substr(0, part.find_last_not_of(" \t") + 1);
    parts.push_back({loose{std::string(part)}, 0, 0});
    begin = end + 1;
  }
  return parts;
}

bool fits_a_header(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

} // namespace

value_check boolean::read(const config_value& value, value_range, bool& into) {
  if (const auto* given = std::get_if<bool>(&value.data)) {
    into = *given;
    return std::nullopt;
  }
  const auto* given = std::get_if<loose>(&value.data);
  if (given == nullptr)
    return fault(value);
  const auto word = lower(given->text);
  const bool truth = word == "true" || word == "yes" || word == "on" || word == "1";
  if (!truth && word != "false" && word != "no" && word != "off" && word != "0")
    return fault(value);
  into = truth;
  return std::nullopt;
}

std::string boolean::show(bool value) {
  return value ? "true" : "false";
}

std::string boolean::expected(value_range) {
  return "true or false";
}

std::string boolean::range(value_range) {
  return "true or false";
}

value_check secret::read(const config_value& value, value_range bounds, std::string& into) {
  const auto* given = text_of(value);
  const bool right_length = given != nullptr && within(static_cast<double>(given->size()), bounds);
  if (given == nullptr || (!given->empty() && (!right_length || !is_printable(*given)))) {
    auto got = describe_secret(value);
    if (right_length)
      got += ", with a character that is not printable";
    return value_error{std::move(got), value.line, value.column};
  }
  into = *given;
  return std::nullopt;
}

std::string secret::show(const std::string& value) {
  return value.empty() ? "\"\"" : "a secret";
}

std::string secret::expected(value_range bounds) {
  return "a secret of " + shown(bounds.min) + " to " + shown(bounds.max) +
         " bytes of printable text";
}

std::string secret::range(value_range bounds) {
  return "none, or " + shown(bounds.min) + " to " + shown(bounds.max);
}

value_check secrets::read(const config_value& value, value_range bounds,
                          std::vector<std::string>& into) {
  const auto* given = std::get_if<loose>(&value.data);
  const auto* list = std::get_if<config_value::list>(&value.data);
  if (given == nullptr && list == nullptr)
    return value_error{describe_secret(value), value.line, value.column};
  const auto entries = given != nullptr ? split_at_commas(given->text) : *list;
  std::vector<std::string> found;
  for (const auto& entry : entries) {
    const auto* secret = text_of(entry);
    const bool right_length =
      secret != nullptr && within(static_cast<double>(secret->size()), bounds);
    if (!right_length || !fits_a_header(*secret)) {
      auto got = describe_secret(entry) + " as entry " + std::to_string(found.size() + 1);
      if (right_length)
        got += ", with a character that is none of these";
      return value_error{std::move(got), entry.line, entry.column};
    }
    found.push_back(*secret);
  }
  into = std::move(found);
  return std::nullopt;
}

std::string secrets::show(const std::vector<std::string>& value) {
  return value.empty() ? "[]" : std::to_string(value.size()) + " secrets";
}

std::string secrets::expected(value_range bounds) {
  return "a list of strings, " + range(bounds) + " bytes of printable ASCII without spaces";
}

std::string secrets::range(value_range bounds) {
  return "each " + shown(bounds.min) + " to " + shown(bounds.max);
}

value_check origins::read(const config_value& value, value_range bounds,
                          std::vector<std::string>& into) {
  const auto* given = std::get_if<loose>(&value.data);
  const auto* list = std::get_if<config_value::list>(&value.data);
  if (given == nullptr && list == nullptr)
    return fault(value);
  std::vector<std::string> found;
  for (const auto& entry : given != nullptr ? split_at_commas(given->text) : *list) {
    const auto* origin = text_of(entry);
    if (origin == nullptr || !within(static_cast<double>(origin->size()), bounds) ||
        !valid_origin_entry(*origin))
      return fault(entry);
    found.push_back(*origin);
  }
  into = std::move(found);
  return std::nullopt;
}

std::string origins::show(const std::vector<std::string>& value) {
  std::string out = "[";
  for (const auto& origin : value)
    out.append(out.size() > 1 ? ", " : "").append(in_quotes(origin));
  return out + ']';
}

std::string origins::expected(value_range) {
  return "a list of origins such as \"https://app.example\" or \"*.example.com\"";
}

std::string origins::range(value_range bounds) {
  return "each " + shown(bounds.min) + " to " + shown(bounds.max);
}

value_check addresses::read(const config_value& value, value_range,
                            std::vector<address_block>& into) {
  const auto* given = std::get_if<loose>(&value.data);
  const auto* list = std::get_if<config_value::list>(&value.data);
  if (given == nullptr && list == nullptr)
    return fault(value);
  std::vector<address_block> found;
  for (const auto& entry : given != nullptr ? split_at_commas(given->text) : *list) {
    const auto* text = text_of(entry);
    const auto block = text != nullptr ? address_block::parse(*text) : std::nullopt;
    if (!block)
      return fault(entry);
    found.push_back(*block);
  }
  into = std::move(found);
  return std::nullopt;
}

std::string addresses::show(const std::vector<address_block>& value) {
  std::string out = "[";
  for (const auto& block : value)
    out.append(out.size() > 1 ? ", " : "").append(in_quotes(block.to_string()));
  return out + ']';
}

std::string addresses::expected(value_range) {
  return "a list of addresses and networks such as \"127.0.0.1\" or \"10.0.0.0/8\"";
}

std::string addresses::range(value_range) {
  return "addresses and networks";
}

} // namespace troupe::kinds
