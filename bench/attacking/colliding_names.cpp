// Prints names that all fall into one bucket of a `std::unordered_map<std::string, …>`: whoever may
// choose names makes such a table a list with them. `bench/attacks` sends them.
//   troupe-colliding-names COUNT
// The standard says that a `string_view` hashes as the same string does. How many buckets the table
// has is known here, so that a billion divisions take seconds.

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string_view>

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t buckets = 42'043; // of libstdc++'s table with 20,754 to 42,043 entries

/// Names of 12 letters, one after another.
class name_sequence {
public:
  std::string_view current() const { return {text_.data(), text_.size()}; }

  void next() {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      digits_[i] = (digits_[i] + 1) % letters.size();
      text_[i] = letters[digits_[i]];
      if (digits_[i] != 0)
        return;
    }
  }

private:
  std::array<std::size_t, 12> digits_{};
  std::array<char, 12> text_{'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a'};
};

void print_names(std::uint64_t count) {
  for (name_sequence names; count > 0; names.next()) {
    const auto name = names.current();
    if (std::hash<std::string_view>{}(name) % buckets == 0) {
      std::printf("%.*s\n", static_cast<int>(name.size()), name.data());
      --count;
    }
  }
}

std::optional<std::uint64_t> positive(std::string_view text) {
  std::uint64_t out = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, out);
  if (failure != std::errc{} || stopped != end || out == 0)
    return std::nullopt;
  return out;
}

} // namespace

int main(int argc, char** argv) {
  const auto count = argc == 2 ? positive(argv[1]) : std::nullopt;
  if (!count) {
    std::fputs("usage: troupe-colliding-names COUNT\n", stderr);
    return 2;
  }
  print_names(*count);
}
