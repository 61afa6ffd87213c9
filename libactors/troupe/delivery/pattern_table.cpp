#include "troupe/delivery/pattern_table.hpp"

#include <utility>

namespace troupe {

std::vector<pattern_table::place>::const_iterator
pattern_table::find(const std::vector<place>& all, std::string_view pattern) const {
  return std::ranges::find_if(all,
                              [&](const place& each) { return each.where->pattern == pattern; });
}

bool pattern_table::add(audience_listener& who, const std::string& pattern) {
  auto& own = places_[&who];
  if (find(own, pattern) != own.end())
    return false;
  group& of = groups_.add(pattern);
  of.pattern = pattern;
  own.push_back({&of, static_cast<std::uint32_t>(of.all.size())});
  of.all.push_back(&who);
  look_again();
  return true;
}

// Who leaves is replaced by the last.
bool pattern_table::remove(audience_listener& who, std::string_view pattern) {
  const auto own = places_.find(&who);
  if (own == places_.end())
    return false;
  const auto left = find(own->second, pattern);
  if (left == own->second.end())
    return false;
  group& of = *left->where;
  audience_listener* const last = of.all.back();
  if (last != &who) {
    auto& places = places_.at(last);
    const auto moved = find(places, pattern) - places.cbegin();
    places[static_cast<std::size_t>(moved)].number = left->number;
    of.all[left->number] = last;
  }
  of.all.pop_back();
  own->second.erase(left);
  if (own->second.empty())
    places_.erase(own);
  if (of.all.empty())
    groups_.erase(std::string(pattern)); // `pattern` may be that of the group
  look_again();
  return true;
}

bool pattern_table::has(const audience_listener& who, std::string_view pattern) const {
  const auto own = places_.find(&who);
  return own != places_.end() && find(own->second, pattern) != own->second.end();
}

std::vector<std::string> pattern_table::of(const audience_listener& who) const {
  std::vector<std::string> out;
  if (const auto own = places_.find(&who); own != places_.end())
    for (const auto& each : own->second)
      out.push_back(each.where->pattern);
  return out;
}

std::size_t pattern_table::count(const audience_listener& who) const {
  const auto own = places_.find(&who);
  return own == places_.end() ? 0 : own->second.size();
}

pattern_table::listeners pattern_table::matching(std::string_view name) const {
  listeners out;
  int groups = 0;
  groups_.for_each_match(name, [&](const group& each) {
    out.insert(out.end(), each.all.begin(), each.all.end());
    ++groups;
  });
  if (groups > 1) {
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }
  return out;
}

pattern_table::hearing& pattern_table::keep(audience_id topic, listeners found) {
  auto* entry = &heard_.at(topic);
  if (entry->counted)
    kept_ -= entry->by.size() + kept_by_topic;
  if (kept_ + found.size() + kept_by_topic > kept_max) {
    heard_.clear();
    kept_ = 0;
    entry = &heard_[topic];
  }
  kept_ += found.size() + kept_by_topic;
  found.shrink_to_fit();
  entry->by = std::move(found);
  entry->generation = generation_;
  entry->counted = true;
  return *entry;
}

} // namespace troupe
