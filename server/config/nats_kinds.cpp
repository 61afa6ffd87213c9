// Kinds of value that only `[nats]` has, in the form of config_kinds.hpp. Pure.
#include "server/bridges/nats_url.hpp"
#include "server/config/config_kinds.hpp"

namespace troupe::kinds {

value_check nats_urls::read(const config_value& value, value_range bounds, std::string& into) {
  std::string list;
  if (auto done = secret::read(value, bounds, list); !done)
    return done;
  if (!list.empty() && !nats_urls_valid(list))
    return fail(value_error{"something else", value.line, value.column});
  into = std::move(list);
  return {};
}

std::string nats_urls::expected(value_range) {
  return std::string(nats_urls_expected);
}

std::string nats_urls::range(value_range) {
  return "none, or URLs";
}

} // namespace troupe::kinds
