#include "server/net/nearest_path.hpp"

#include "troupe/wire/nearest_word.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

namespace troupe {

namespace {

using segments = std::vector<std::string>;

// What a difference costs; more than `cost_max` is not near.
constexpr std::size_t cost_max = 3;
constexpr std::size_t missing = 2, missing_name = 1, too_much = 3, other_word = 4, other_method = 2;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

segments split(std::string_view path) {
  segments out;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (end > 0) // slashes more than needed are no difference
      out.push_back(lower(path.substr(0, end)));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

bool stands_for_anything(std::string_view segment) {
  return segment.starts_with('{');
}

std::size_t difference(std::string_view said, std::string_view meant) {
  constexpr std::size_t word_bytes_max = 32;
  if (stands_for_anything(meant))
    return 0;
  if (said.size() > word_bytes_max)
    return other_word;
  const auto slips = edit_distance(said, meant);
  return slips <= 1 + meant.size() / 5 ? slips : other_word;
}

// Braces take anything, but they alone make nothing near.
std::size_t words_in_common(const segments& said, const segments& meant) {
  return static_cast<std::size_t>(std::ranges::count_if(meant, [&](std::string_view each) {
    return !stands_for_anything(each) && std::ranges::any_of(said, [&](std::string_view word) {
      return difference(word, each) < other_word;
    });
  }));
}

// What it takes to make the path of the known one, segment by segment.
std::size_t cost(const segments& said, const segments& meant) {
  const auto left_out = [](const std::string& segment) {
    return stands_for_anything(segment) ? missing_name : missing;
  };
  std::vector<std::size_t> last{0}, row(meant.size() + 1);
  for (const auto& segment : meant)
    last.push_back(last.back() + left_out(segment));
  for (const auto& word : said) {
    row[0] = last[0] + too_much;
    for (std::size_t j = 1; j <= meant.size(); ++j)
      row[j] = std::min({last[j] + too_much, row[j - 1] + left_out(meant[j - 1]),
                         last[j - 1] + difference(word, meant[j - 1])});
    std::swap(last, row);
  }
  return last.back();
}

} // namespace

std::string_view nearest_path(std::string_view path, boost::beast::http::verb method,
                              std::span<const known_path> known) {
  constexpr std::size_t segments_max = 8;
  const auto said = split(path);
  if (said.empty() || said.size() > segments_max)
    return {};
  using rank = std::tuple<std::size_t, std::size_t, bool>; // the least is the best
  std::optional<rank> best_rank;
  std::string_view best;
  for (const auto& each : known) {
    const auto meant = split(each.shown);
    const auto common = words_in_common(said, meant);
    const bool fits = takes(each.allowed, method);
    const auto costs = cost(said, meant);
    const rank here{costs + (fits ? 0 : other_method), segments_max - common, !fits};
    if (common == 0 || costs > cost_max || (best_rank && *best_rank <= here))
      continue;
    best = each.shown;
    best_rank = here;
  }
  return best;
}

bool sounds_like_websockets(std::string_view path) {
  const auto said = split(path);
  return !said.empty() &&
         (said.front().starts_with("ws") || said.front().find("sock") != std::string::npos);
}

} // namespace troupe
