#include "server/net/deflate_offer.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace troupe {

namespace {

constexpr std::string_view extension = "permessage-deflate";

bool is_token_character(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != std::string_view::npos;
}

// The value of a header, token by token (RFC 6455 section 9.1).
class scanner {
public:
  explicit scanner(std::string_view text) : rest_(text) { skip_blanks(); }

  bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    skip_blanks();
    return true;
  }

  std::optional<std::string> token() {
    std::size_t size = 0;
    while (size < rest_.size() && is_token_character(rest_[size]))
      ++size;
    if (size == 0)
      return std::nullopt;
    std::string found(rest_.substr(0, size));
    rest_.remove_prefix(size);
    skip_blanks();
    return found;
  }

  // What stands in quotes must be a token, too.
  std::optional<std::string> token_or_quoted() {
    if (rest_.empty() || rest_.front() != '"')
      return token();
    std::string found;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        skip_blanks();
        return found.empty() ? std::nullopt : std::optional(std::move(found));
      }
      if (rest_[i] == '\\')
        ++i;
      if (i == rest_.size() || !is_token_character(rest_[i]))
        break;
      found += rest_[i];
    }
    return std::nullopt;
  }

private:
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

// 8 to 15 without leading zeros; 0 for anything else.
std::uint32_t window_bits(const std::string& text) {
  if (text == "8" || text == "9")
    return static_cast<std::uint32_t>(text[0] - '0');
  if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5')
    return 10 + static_cast<std::uint32_t>(text[1] - '0');
  return 0;
}

struct offer {
  bool acceptable = false;
  bool server_takeover_given = false;
  bool client_takeover_given = false;
  bool client_bits_given = false;
  bool server_bits_given = false;

  // False when that makes the offer one we cannot meet.
  bool add(const std::string& name, const std::optional<std::string>& value,
           const deflate_settings& ours) {
    const auto first = [](bool& given) { return !std::exchange(given, true); };
    if (name == "server_no_context_takeover")
      return first(server_takeover_given) && !value;
    if (name == "client_no_context_takeover")
      return first(client_takeover_given) && !value;
    // A promise about the client's own window: any is small enough for us.
    if (name == "client_max_window_bits")
      return first(client_bits_given) && (!value || window_bits(*value) != 0);
    if (name == "server_max_window_bits")
      return first(server_bits_given) && value && window_bits(*value) >= ours.window_bits;
    return false;
  }
};

// One element of the list; none when it is malformed.
std::optional<offer> read_offer(scanner& in, const deflate_settings& ours) {
  const auto name = in.token();
  if (!name)
    return std::nullopt;
  offer found;
  found.acceptable = *name == extension;
  while (in.take(';')) {
    const auto parameter = in.token();
    if (!parameter)
      return std::nullopt;
    std::optional<std::string> value;
    if (in.take('=') && !(value = in.token_or_quoted()))
      return std::nullopt;
    if (found.acceptable)
      found.acceptable = found.add(*parameter, value, ours);
  }
  return found;
}

} // namespace

std::string answer_deflate_offers(std::string_view offers, const deflate_settings& ours) {
  if (!ours.enabled)
    return {};
  std::optional<offer> chosen;
  for (scanner in(offers); !in.at_end();) {
    if (in.take(','))
      continue; // elements of a list may be empty
    const auto found = read_offer(in, ours);
    if (!found || !(in.at_end() || in.take(',')))
      return {};
    if (found->acceptable && !chosen)
      chosen = found;
  }
  if (!chosen)
    return {};
  std::string answer(extension);
  answer += "; server_no_context_takeover; client_no_context_takeover";
  if (chosen->server_bits_given)
    answer += "; server_max_window_bits=" + std::to_string(ours.window_bits);
  return answer;
}

} // namespace troupe
