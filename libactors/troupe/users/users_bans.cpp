// Bans of addresses: new sockets and handshakes look at the board; each outlet closes its own.
#include "troupe/users/admin_results.hpp"
#include "troupe/users/users.hpp"

#include <memory>
#include <string>

namespace troupe {

namespace {

// How many connections all outlets have closed, when the last of them has answered.
struct closing_sum {
  std::size_t connections = 0;
  std::size_t answers_left = 0;
  bool failed = false;
};

} // namespace

void users::carry_out(const admin::ban& what, const answer& reply) {
  const auto now = context_.observers.now();
  if (!denied_.ban(what.whom, now + what.time, now, context_.live().bounds.denials_max))
    return reply({fail(errc::limit_exceeded, "Too many users, tokens and addresses are denied")});
  context_.denials.show(std::make_shared<const deny_list>(denied_));
  const auto sum = std::make_shared<closing_sum>();
  sum->answers_left = context_.routes.outlets.size();
  const auto settle = [sum, reply] {
    if (--sum->answers_left == 0)
      reply(sum->failed ? administered{fail(errc::timeout)} : reached(sum->connections));
  };
  const std::string why(what.reason.empty() ? "Banned" : what.reason);
  for (const auto& outlet : context_.routes.outlets)
    request(outlet, answer_timeout, close_addresses{what.whom, why})
      .then(
        [sum, settle](const addresses_closed& closed) {
          sum->connections += closed.connections;
          settle();
        },
        [sum, settle](const caf::error&) {
          sum->failed = true;
          settle();
        });
}

void users::carry_out(const admin::lift_ban& what, const answer& reply) {
  if (!denied_.lift(what.whom, context_.observers.now()))
    return reply({fail(errc::not_found, "No such ban")});
  context_.denials.show(std::make_shared<const deny_list>(denied_));
  reply({std::string("{}")});
}

void users::carry_out(const admin::list_bans& what, const answer& reply) {
  const auto after = address_block::parse(what.which.after);
  if (!after && !what.which.after.empty())
    return reply({fail(errc::bad_request, "'after' must be an address or a network")});
  const auto now = context_.observers.now();
  auto page = denied_.all_bans(after, what.which.limit + std::size_t{1}, now);
  const bool more = page.size() > what.which.limit;
  if (more)
    page.pop_back();
  reply({admin::bans_json(page, now, more)});
}

} // namespace troupe
