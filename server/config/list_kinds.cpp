#include "server/config/list_kinds.hpp"

#include "server/log/printable.hpp"
#include "server/net/origin.hpp"
#include "troupe/wire/names.hpp"

#include <algorithm>

namespace troupe::kinds {

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
    parts.push_back({config_value::loose{std::string(part)}, 0, 0});
    begin = end + 1;
  }
  return parts;
}

bool fits_a_header(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

bool right_length(const std::string& text, value_range bounds) {
  return within(static_cast<double>(text.size()), bounds);
}

} // namespace

std::optional<config_value::list> entries_of(const config_value& value) {
  if (const auto* given = std::get_if<config_value::loose>(&value.data))
    return split_at_commas(given->text);
  if (const auto* list = std::get_if<config_value::list>(&value.data))
    return *list;
  return std::nullopt;
}

std::string show_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts)
    out.append(out.size() > 1 ? ", " : "").append(in_quotes(text));
  return out + ']';
}

std::optional<std::string> secret_entry::parse(const std::string& text, value_range bounds) {
  return right_length(text, bounds) && fits_a_header(text) ? std::optional(text) : std::nullopt;
}

value_error secret_entry::got(const config_value& value, std::size_t number, value_range bounds) {
  auto what = describe_secret(value);
  if (number > 0)
    what += " as entry " + std::to_string(number);
  if (const auto* text = text_of(value); number > 0 && text && right_length(*text, bounds))
    what += ", with a character that is none of these";
  return {std::move(what), value.line, value.column};
}

std::string secrets::show(const std::vector<std::string>& value) {
  return value.empty()
           ? "[]"
           : std::to_string(value.size()) + (value.size() == 1 ? " secret" : " secrets");
}

std::string secrets::expected(value_range bounds) {
  return "a list of strings, " + range(bounds) + " bytes of printable ASCII without spaces";
}

std::optional<std::string> origin_entry::parse(const std::string& text, value_range bounds) {
  return right_length(text, bounds) && valid_origin_entry(text) ? std::optional(text)
                                                                : std::nullopt;
}

std::string origins::expected(value_range) {
  return "a list of origins such as \"https://app.example\" or \"*.example.com\"";
}

std::optional<std::string> name_entry::parse(const std::string& text, value_range bounds) {
  return valid_display_name(text, static_cast<std::size_t>(bounds.max)) ? std::optional(text)
                                                                        : std::nullopt;
}

std::string display_names::expected(value_range) {
  return "a list of names such as \"server\" or \"Support\"";
}

std::string addresses::show(const std::vector<address_block>& value) {
  std::vector<std::string> texts;
  for (const auto& block : value)
    texts.push_back(block.to_string());
  return show_list(texts);
}

std::string addresses::expected(value_range) {
  return "a list of addresses and networks such as \"127.0.0.1\" or \"10.0.0.0/8\", with zeros "
         "behind the prefix, and no IPv6 network that IPv4 is in: \"0.0.0.0/0\" and \"2000::/3\" "
         "are all";
}

} // namespace troupe::kinds
