// Who is in a poll, and who has voted for what: one voter for each user with a token, however many
// connections it has, and one for each connection without. Pure.
#pragma once

#include "troupe/roster.hpp"
#include "troupe/wire/keyed_map.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

class poll_voters {
public:
  /// A member has come, or is known by another token now: what it has voted goes with it.
  void note(const member& who) {
    std::string name = name_of(who);
    const auto [known, fresh] = names_.try_emplace(who.connection, name);
    if (!fresh && known->second == name)
      return;
    voter& now = voters_[name];
    ++now.connections;
    if (fresh)
      return;
    if (const auto voted = forget(known->second); voted && !now.vote)
      now.vote = voted;
    known->second = std::move(name);
  }

  /// A member has gone, and its user's vote with the last of its connections.
  void forget(connection_id connection) {
    if (const auto known = names_.extract(connection))
      forget(known.mapped());
  }

  /// Of one that is in; a later vote replaces an earlier one.
  void vote(const member& who, std::size_t option) {
    note(who);
    voters_.find(name_of(who))->second.vote = option;
  }

  void forget_votes() {
    for (auto& [name, each] : voters_)
      each.vote.reset();
  }

  std::size_t size() const { return voters_.size(); }

  /// How many have voted for each of so many options.
  std::vector<std::size_t> counts(std::size_t options) const {
    std::vector<std::size_t> out(options);
    for (const auto& [name, each] : voters_)
      if (each.vote)
        ++out.at(*each.vote);
    return out;
  }

private:
  struct voter {
    std::uint32_t connections = 0;
    std::optional<std::size_t> vote; // the number of the option
  };

  static std::string name_of(const member& who) {
    return who.who ? "user " + who.who->user_id
                   : "connection " + std::to_string(who.connection.value);
  }

  // One connection less; what its voter had voted for if that was the last.
  std::optional<std::size_t> forget(const std::string& name) {
    const auto found = voters_.find(name);
    const auto voted = found->second.vote;
    if (--found->second.connections > 0)
      return std::nullopt;
    voters_.erase(found);
    return voted;
  }

  keyed_map<std::string, voter> voters_;
  std::unordered_map<connection_id, std::string> names_; // of the voter that it is
};

} // namespace troupe
