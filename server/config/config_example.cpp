#include "server/config/config_example.hpp"

#include "server/config/config_keys.hpp"

#include <algorithm>
#include <string_view>

namespace troupe {

extern const std::string_view example_tables; // example_tables.toml

namespace {

constexpr std::string_view beginning =
  R"(# Every key of Troupe's configuration, with the value it has when you leave it out.
#
#   troupe config >troupe.toml             write this file
#   troupe check troupe.toml               say what is wrong with it, line by line
#   troupe serve --config troupe.toml      run with it
#
# Each key is also an environment variable and a flag: [server] port is TROUPE_SERVER_PORT and
# --server-port (or just --port). A flag goes before a variable, a variable before this file.
# In a variable or a flag, a list is separated by commas.
)";

// As comments, in lines of at most 100 characters.
void append_comment(std::string& out, std::string_view text) {
  constexpr std::size_t width = 98;
  while (!text.empty()) {
    auto end = text.size();
    if (end > width)
      end = std::min(text.rfind(' ', width), end);
    out.append("# ").append(text.substr(0, end)).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void append_key(std::string& out, const config_key& key) {
  auto text = std::string(key.meaning) + '.';
  if (!key.more.empty())
    text.append(" ").append(key.more);
  append_comment(out, text);
  out.append("# ").append(facts(key)).append("\n");
  out.append(key.key).append(" = ").append(key.show(config{})).append("\n");
}

} // namespace

std::string config_example() {
  std::string out(beginning);
  std::string_view section;
  for (const auto& key : config_keys()) {
    out += '\n';
    if (key.section != section)
      out.append("[").append(section = key.section).append("]\n");
    append_key(out, key);
  }
  return out.append("\n").append(example_tables);
}

} // namespace troupe
