#include "server/startup.hpp"

#include "server/auth/token_verifier.hpp"
#include "server/bridges/nats_options.hpp"
#include "server/net/listen_address.hpp"
#include "server/net/listener.hpp"
#include "server/net/transport_opening.hpp"

namespace troupe {

namespace {

// An address of this machine. On any port: the one that is configured may be in use by the server
// that the one to come is to replace.
text_result<std::string> usable_address(const std::string& host) {
  constexpr std::string_view key = "server.host: ";
  auto address = find_listen_address(host);
  if (!address)
    return fail(std::string(key) + address.error());
  if (const auto free = listener::check_can_listen(*address, 0); !free)
    return fail(std::string(key)
                  .append("cannot listen on ")
                  .append(*address)
                  .append(": ")
                  .append(free.error()));
  return address;
}

} // namespace

result<startup, std::vector<config_error>> prepare(config settings, const value_origins& origins) {
  std::vector<config_error> errors;
  const auto note = [&](const auto& outcome) {
    if (!outcome)
      errors.push_back(origins.about(outcome.error()));
  };
  auto address = usable_address(settings.server.host);
  note(address);
  auto tokens = token_verifier::make(settings.auth, claims_named_by(settings.namespaces));
  note(tokens);
  note(check_transport(settings.tls, settings.proxy));
  note(check_nats(settings.nats));
  if (!errors.empty())
    return fail(std::move(errors));
  return startup{std::move(settings), *std::move(address), *std::move(tokens)};
}

} // namespace troupe
