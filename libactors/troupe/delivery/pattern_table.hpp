// Who on one I/O loop listens to topics by a pattern, and who hears a topic by one: found once for
// each topic, and again when patterns, or what somebody may hear, have changed. Pure; belongs to
// its loop's outlet.
//
// What was found is kept in bounds: when it is much, all of it is let go, and found again.
#pragma once

#include "troupe/delivery/frame_ref.hpp"
#include "troupe/pattern_trie.hpp"
#include "troupe/wire/ids.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

class audience_listener;

class pattern_table {
public:
  using listeners = std::vector<audience_listener*>;

  bool empty() const { return places_.empty(); }

  /// False: it listens by this pattern already.
  bool add(audience_listener& who, const std::string& pattern);
  /// False: it did not.
  bool remove(audience_listener& who, std::string_view pattern);
  bool has(const audience_listener& who, std::string_view pattern) const;
  /// Its patterns, in the order in which it came to them, as long as it leaves none.
  std::vector<std::string> of(const audience_listener& who) const;
  std::size_t count(const audience_listener& who) const;

  /// Who hears a topic by a pattern, each once.
  struct hearing {
    listeners by;
    lossy_audience_ptr lossy; ///< null: whoever is too slow for it is closed
    bool described = false;   ///< `lossy` is known; it is the owner's affair

  private:
    friend class pattern_table;
    std::uint64_t generation = 0;
    bool counted = false; // in `kept_`
  };

  /// Those who hear this topic, for whom `may(listener)` was true when they were looked up. Valid
  /// until the next call.
  template <class May>
  hearing& who_hear(audience_id topic, std::string_view name, May may) {
    const auto [known, fresh] = heard_.try_emplace(topic);
    if (!fresh && known->second.generation == generation_)
      return known->second;
    listeners found = matching(name);
    std::erase_if(found, [&](audience_listener* each) { return !may(*each); });
    return keep(topic, std::move(found));
  }
  /// What one of these may hear has changed.
  void look_again() { ++generation_; }
  /// What one of these may hear of this topic has.
  void look_again(audience_id topic) {
    if (const auto found = heard_.find(topic); found != heard_.end())
      found->second.generation = 0;
  }

  /// How much is kept of what was found: listeners, and some for each topic.
  std::size_t kept() const { return kept_; }
  static constexpr std::size_t kept_max = 1 << 20;
  static constexpr std::size_t kept_by_topic = 16;

private:
  struct group {
    std::string pattern;
    listeners all;
  };
  struct place {
    group* where;
    std::uint32_t number; // in `all`
  };

  listeners matching(std::string_view name) const;
  hearing& keep(audience_id topic, listeners found);
  std::vector<place>::const_iterator find(const std::vector<place>& all,
                                          std::string_view pattern) const;

  pattern_trie<group> groups_;
  std::unordered_map<const audience_listener*, std::vector<place>> places_;
  std::unordered_map<audience_id, hearing> heard_;
  std::uint64_t generation_ = 1;
  std::size_t kept_ = 0;
};

} // namespace troupe
