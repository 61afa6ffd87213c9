#include "server/config/value_origins.hpp"

#include "server/config/config_keys.hpp"

#include <algorithm>

namespace troupe {

const value_origin* value_origins::of(std::string_view key) const {
  const auto found = std::find_if(all_.rbegin(), all_.rend(),
                                  [key](const value_origin& each) { return each.key == key; });
  return found == all_.rend() ? nullptr : &*found;
}

config_error value_origins::about(std::string key, std::string message) const {
  config_error out{file_, 0, 0, std::move(key), std::move(message)};
  if (const auto* decided = of(out.key)) {
    out.source = decided->source;
    out.line = decided->line;
    out.column = decided->column;
  }
  return out;
}

config_error value_origins::about(std::string_view text) const {
  for (const auto& each : config_keys()) {
    const auto key = full_name(each);
    const auto rest = text.starts_with(key) ? text.substr(key.size()) : std::string_view{};
    if (rest.starts_with(": "))
      return about(key, std::string(rest.substr(2)));
    if (rest.starts_with(' ')) {
      auto out = about(key, std::string(text));
      out.key.clear();
      return out;
    }
  }
  return {file_, 0, 0, "", std::string(text)};
}

std::vector<value_origin> value_origins::deciding(value_origin::kind from) const {
  std::vector<value_origin> out;
  for (const auto& each : all_)
    if (each.from == from && of(each.key) == &each)
      out.push_back(each);
  return out;
}

} // namespace troupe
