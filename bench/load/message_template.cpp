#include "message_template.hpp"

#include <array>
#include <charconv>

namespace troupe::bench {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

// Reads the escape at text[i] == '\\', appends what it stands for, returns its length. An unknown
// escape stands for itself: JSON has escapes of its own.
std::size_t unescape(std::string_view text, std::size_t i, std::string& out) {
  const char c = i + 1 < text.size() ? text[i + 1] : '\0';
  switch (c) {
  case 'r':
    out += '\r';
    return 2;
  case 'n':
    out += '\n';
    return 2;
  case 't':
    out += '\t';
    return 2;
  case '\\':
    out += '\\';
    return 2;
  case 'x':
    if (i + 3 < text.size() && hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
      return 4;
    }
    break;
  default:
    break;
  }
  out += '\\';
  return 1;
}

} // namespace

message_template::message_template(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, kind>, 4> places{
    {{"{time}", kind::time},
     {"{seq}", kind::sequence},
     {"{room}", kind::room},
     {"{pad}", kind::pad}}};
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty())
      parts_.push_back({kind::literal, std::move(literal)});
    literal.clear();
  };
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\\') {
      i += unescape(text, i, literal);
      continue;
    }
    bool placed = false;
    for (const auto& [name, what] : places) {
      if (text.substr(i).starts_with(name)) {
        end_literal();
        parts_.push_back({what, {}});
        i += name.size();
        placed = true;
        break;
      }
    }
    if (!placed)
      literal += text[i++];
  }
  end_literal();
}

void message_template::expand(std::string& out, std::string_view room, const run_mark& mark,
                              const token& t, std::size_t size) const {
  const auto begin = out.size();
  auto pad_at = std::string::npos;
  for (const auto& p : parts_) {
    switch (p.what) {
    case kind::literal:
      out += p.text;
      break;
    case kind::room:
      out += room;
      break;
    case kind::pad:
      pad_at = out.size();
      break;
    case kind::time:
      out.resize(out.size() + token_size);
      write_token(out.data() + out.size() - token_size, mark, t);
      break;
    case kind::sequence: {
      std::array<char, 16> digits;
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), t.sequence).ptr;
      out.append(digits.data(), end);
      break;
    }
    }
  }
  if (const auto length = out.size() - begin; pad_at != std::string::npos && length < size)
    out.insert(pad_at, size - length, 'x');
}

std::string message_template::expand(std::string_view room) const {
  std::string out;
  expand(out, room, make_run_mark(0), {}, 0);
  return out;
}

bool message_template::has_token() const noexcept {
  for (const auto& p : parts_) {
    if (p.what == kind::time)
      return true;
  }
  return false;
}

} // namespace troupe::bench
