#include "clients/cli/terminal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <unistd.h>

namespace troupe_cli {

namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_dumb() {
  const char* kind = std::getenv("TERM");
  return kind == nullptr || std::string_view(kind) == "dumb" || *kind == '\0';
}

std::string_view code_of(ink with) {
  switch (with) {
  case ink::plain:
    return "0";
  case ink::dim:
    return "2";
  case ink::strong:
    return "1";
  case ink::cyan:
    return "36";
  case ink::green:
    return "32";
  case ink::yellow:
    return "33";
  case ink::red:
    return "31";
  }
  return "0";
}

bool write_all(std::FILE* to, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), to) == text.size() && std::fflush(to) == 0;
}

// What a terminal obeys though it is no ASCII, in UTF-8, and what turns text round or begins a
// line: DEL, U+0080 to U+009F, U+2028 to U+202E, U+2066 to U+2069. Its bytes, or 0.
std::size_t unruly_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  if (byte(0) == 0x7F)
    return 1;
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0)
    return 2;
  const auto last = byte(2);
  const bool unruly = byte(0) == 0xE2 && ((byte(1) == 0x80 && last >= 0xA8 && last <= 0xAE) ||
                                          (byte(1) == 0x81 && last >= 0xA6 && last <= 0xA9));
  return unruly ? 3 : 0;
}

// Of one to three bytes.
unsigned code_point(std::string_view text) {
  unsigned out = static_cast<unsigned char>(text[0]) & (text.size() == 1 ? 0x7Fu : 0x1Fu);
  for (const char c : text.substr(1))
    out = out << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
  return out & 0xFFFFu;
}

std::string escaped(std::string_view json) {
  std::string out;
  for (std::size_t i = 0; i < json.size();) {
    const auto unruly = unruly_at(json, i);
    if (unruly == 0) {
      out += json[i++];
      continue;
    }
    std::array<char, 8> code{};
    std::snprintf(code.data(), code.size(), "\\u%04x", code_point(json.substr(i, unruly)));
    out += code.data();
    i += unruly;
  }
  return out;
}

} // namespace

terminal::terminal(std::string name)
  : name_(std::move(name)),
    terminal_(::isatty(STDOUT_FILENO) == 1),
    capable_(terminal_ && !is_dumb()),
    colours_(capable_ && !is_set("NO_COLOR")) {}

std::string terminal::painted(ink with, std::string_view text) const {
  if (!colours_ || with == ink::plain)
    return std::string(text);
  return std::string("\x1b[").append(code_of(with)).append("m").append(text).append("\x1b[0m");
}

bool terminal::line(std::string_view text) {
  if (write_all(stdout, (terminal_ ? escaped(text) : std::string(text)) + '\n'))
    return true;
  const std::string why = std::strerror(errno);
  if (const auto then = std::exchange(broken_, nullptr)) {
    note("cannot write any more: " + why);
    then();
  }
  return false;
}

void terminal::note(std::string_view text) {
  write_all(stderr, name_ + ": " + printable(text) + '\n');
}

void terminal::erase_typed_line() {
  if (capable_ && ::isatty(STDIN_FILENO) == 1)
    write_all(stdout, "\x1b[1A\x1b[2K\r");
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto unruly = unruly_at(text, i);
    if (byte == '\n')
      out += "\n  ";
    else if (byte == '\t')
      out += ' ';
    else if (byte < ' ')
      out += '?';
    else if (unruly > 0) {
      out += '?';
      i += unruly - 1;
    } else
      out += text[i];
  }
  return out;
}

std::string one_line(std::string json) {
  std::ranges::replace_if(
    json, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return json;
}

std::string local_time(std::string_view timestamp) {
  std::tm utc{};
  const std::string text(timestamp);
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc) == nullptr)
    return {};
  const auto seconds = ::timegm(&utc);
  std::tm here{};
  ::localtime_r(&seconds, &here);
  std::array<char, 16> out{};
  return {out.data(), std::strftime(out.data(), out.size(), "%H:%M:%S", &here)};
}

} // namespace troupe_cli
