#include "troupe/wire/nearest_word.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

namespace {

// In small letters, without what joins words.
std::string plain(std::string_view word) {
  std::string out;
  for (const char c : word)
    if (c != '_' && c != '-')
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates,
                              std::size_t slips_max) {
  // Longer words are no key's misspelling, and would make the comparison slow.
  if (word.size() > 64)
    return {};
  const auto said = plain(word);
  std::string_view best;
  std::size_t best_distance = std::min(slips_max, 1 + word.size() / 5);
  for (const auto candidate : candidates) {
    const auto meant = plain(candidate);
    // Half a name, such as `frame_bytes`, is as good as a slip of the finger.
    const bool half = said.size() >= 4 && said != meant && meant.starts_with(said);
    // So many letters are missing or too many at least: most words need no comparison.
    const auto apart = std::max(said.size(), meant.size()) - std::min(said.size(), meant.size());
    if (!half && apart > best_distance)
      continue;
    const auto distance = half ? 1 : edit_distance(said, meant);
    if (distance < best_distance || (best.empty() && distance == best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

} // namespace troupe
