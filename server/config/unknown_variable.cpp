#include "server/config/unknown_variable.hpp"

#include "server/config/config_keys.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace troupe {

namespace {

constexpr std::string_view prefix = "TROUPE_";

// As kubelet names them: {SVCNAME}_SERVICE_HOST, {SVCNAME}_SERVICE_PORT[_{NAME}],
// {SVCNAME}_PORT=tcp://…, {SVCNAME}_PORT_{NUMBER}_{PROTOCOL}[_PROTO|_PORT|_ADDR].
bool is_of_kubernetes(std::string_view name, std::string_view value) {
  constexpr std::array<std::string_view, 3> protocols{"tcp://", "udp://", "sctp://"};
  const auto has = [name](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  };
  if (has("_SERVICE_HOST") || has("_SERVICE_PORT"))
    return true;
  const bool is_url = std::ranges::any_of(
    protocols, [value](std::string_view protocol) { return value.starts_with(protocol); });
  if (is_url && has("_PORT"))
    return true;
  const auto at = name.find("_PORT_");
  const auto digits = at == std::string_view::npos ? std::string_view{} : name.substr(at + 6);
  const auto end = digits.find_first_not_of("0123456789");
  return end != std::string_view::npos && end > 0 && digits[end] == '_';
}

// TROUPE_SERVER_PORT for `PORT`: a key without its section. Of several the one that has a short
// flag, or all.
std::string with_section(std::string_view name) {
  std::string found;
  for (const auto& key : config_keys()) {
    const auto whole = variable(key);
    if (whole.substr(prefix.size() + key.section.size() + 1) != name)
      continue;
    if (!flag_alias(key).empty())
      return whole;
    found.append(found.empty() ? "" : " or ").append(whole);
  }
  return found;
}

} // namespace

std::string about_unknown_variable(std::string_view name, std::string_view value) {
  if (name == "TROUPE_TOKEN" || is_of_kubernetes(name, value))
    return {};
  const auto bare = name.substr(prefix.size());
  auto meant = with_section(bare);
  if (meant.empty()) {
    std::vector<std::string> names;
    for (const auto& key : config_keys())
      names.push_back(variable(key).substr(prefix.size()));
    if (const auto near = nearest(bare, names, 2); !near.empty())
      meant = std::string(prefix).append(near);
  }
  return meant.empty() ? "no such variable: without effect"
                       : "no such variable, did you mean " + meant + "?";
}

} // namespace troupe
