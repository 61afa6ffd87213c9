#include "server/config/config_value.hpp"

#include "server/log/printable.hpp"

#include <algorithm>
#include <charconv>

namespace troupe {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

std::string bytes_of(const std::string& text) {
  return "a string of " + std::to_string(text.size()) + (text.size() == 1 ? " byte" : " bytes");
}

std::string number(double value) {
  char text[32];
  std::string out(text, std::to_chars(text, text + sizeof text, value).ptr);
  // As TOML would write it: what was meant as a fraction does not look like an integer.
  if (out.find_first_not_of("-0123456789") == std::string::npos)
    out += ".0";
  return out;
}

} // namespace

std::string describe(const config_value& value) {
  return std::visit(overloaded{
                      [](const config_value::loose& given) { return in_quotes(given.text); },
                      [](const std::string& text) { return in_quotes(text); },
                      [](std::int64_t integer) { return std::to_string(integer); },
                      [](double fraction) { return number(fraction); },
                      [](bool truth) { return std::string(truth ? "true" : "false"); },
                      [](const config_value::list&) { return std::string("a list"); },
                      [](const config_value::table&) { return std::string("a table"); },
                      [](const config_value::misfit& other) { return std::string(other.what); },
                    },
                    value.data);
}

std::string describe_secret(const config_value& value) {
  return std::visit(overloaded{
                      [](const config_value::loose& given) { return bytes_of(given.text); },
                      [](const std::string& text) { return bytes_of(text); },
                      [](std::int64_t) { return std::string("an integer"); },
                      [](double) { return std::string("a number"); },
                      [](bool) { return std::string("a boolean"); },
                      [](const config_value::list&) { return std::string("a list"); },
                      [](const config_value::table&) { return std::string("a table"); },
                      [](const config_value::misfit& other) { return std::string(other.what); },
                    },
                    value.data);
}

const config_value* find(const config_value::table& table, std::string_view key) {
  const auto entry = std::ranges::find(table, key, &config_entry::key);
  return entry == table.end() ? nullptr : &entry->value;
}

const std::string* text_of(const config_value& value) {
  if (const auto* given = std::get_if<config_value::loose>(&value.data))
    return &given->text;
  return std::get_if<std::string>(&value.data);
}

} // namespace troupe
