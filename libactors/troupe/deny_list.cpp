#include "troupe/deny_list.hpp"

#include "troupe/wire/errors.hpp"

namespace troupe {

std::string_view reason_of(denial why) {
  return why == denial::token ? "Revoked" : default_reason(close_code::kicked);
}

bool deny_list::holds(const entries& list, const std::string& name, wall_time now) {
  const auto found = list.find(name);
  return found != list.end() && now < found->second;
}

std::optional<denial> deny_list::denies(const identity& who, wall_time now) const {
  if (holds(users_, who.user_id, now))
    return denial::user;
  if (!who.token_id.empty() && holds(tokens_, who.token_id, now))
    return denial::token;
  return std::nullopt;
}

template <class Entries>
bool deny_list::add(Entries& to, typename Entries::key_type whom, wall_time until, wall_time now,
                    std::size_t entries_max) {
  forget_expired(now);
  if (until <= now) {
    to.erase(whom);
    return true;
  }
  if (const auto found = to.find(whom); found != to.end()) {
    found->second = until;
    return true;
  }
  if (size() >= entries_max)
    return false;
  to.emplace(std::move(whom), until);
  return true;
}

bool deny_list::deny_user(std::string user_id, wall_time until, wall_time now,
                          std::size_t entries_max) {
  return add(users_, std::move(user_id), until, now, entries_max);
}

bool deny_list::deny_token(std::string token_id, wall_time until, wall_time now,
                           std::size_t entries_max) {
  return add(tokens_, std::move(token_id), until, now, entries_max);
}

bool deny_list::bans(const client_address& from, wall_time now) const {
  if (!from.known())
    return false;
  for (auto at = addresses_.begin(); at != addresses_.end();) {
    const unsigned bits = at->first.first;
    const auto found = addresses_.find({bits, from.network(bits)});
    if (found != addresses_.end() && now < found->second)
      return true;
    at = addresses_.lower_bound({bits + 1, {}});
  }
  return false;
}

bool deny_list::ban(const address_block& whom, wall_time until, wall_time now,
                    std::size_t entries_max) {
  return add(addresses_, key_of(whom), until, now, entries_max);
}

bool deny_list::lift(const address_block& whom, wall_time now) {
  forget_expired(now);
  return addresses_.erase(key_of(whom)) > 0;
}

std::vector<deny_list::banned> deny_list::all_bans(const std::optional<address_block>& after,
                                                   std::size_t limit, wall_time now) const {
  std::vector<banned> out;
  auto at = after ? addresses_.upper_bound(key_of(*after)) : addresses_.begin();
  for (; at != addresses_.end() && out.size() < limit; ++at)
    if (now < at->second)
      out.push_back({{at->first.second, at->first.first}, at->second});
  return out;
}

void deny_list::forget_expired(wall_time now) {
  const auto expired = [now](const auto& entry) { return entry.second <= now; };
  std::erase_if(users_, expired);
  std::erase_if(tokens_, expired);
  std::erase_if(addresses_, expired);
}

} // namespace troupe
