#include "troupe/delivery/listener_table.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

// -- one listener's side -----------------------------------------------------------------------------

const audience* audience_listener::find_audience(audience_kind kind, std::string_view name) const {
  for (const auto& each : places_)
    if (each.where->kind == kind && each.where->name == name)
      return each.where;
  return nullptr;
}

bool audience_listener::listens_to(audience_id id) const {
  return std::any_of(places_.begin(), places_.end(),
                     [id](const place& each) { return each.where->id == id; });
}

std::size_t audience_listener::audience_count(audience_kind kind) const {
  return static_cast<std::size_t>(
    std::count_if(places_.begin(), places_.end(),
                  [kind](const place& each) { return each.where->kind == kind; }));
}

// From the back: who leaves everything begins there.
audience_listener::place* audience_listener::find(audience_id id) {
  for (std::size_t i = places_.size(); i-- > 0;)
    if (places_[i].where->id == id)
      return &places_[i];
  return nullptr;
}

void audience_listener::forget(const place& gone) {
  places_.erase(places_.begin() + (&gone - places_.data()));
}

// -- both sides --------------------------------------------------------------------------------------

audience* listener_table::find(audience_id id) {
  const auto found = audiences_.find(id);
  return found == audiences_.end() ? nullptr : &found->second;
}

const audience* listener_table::find(audience_id id) const {
  const auto found = audiences_.find(id);
  return found == audiences_.end() ? nullptr : &found->second;
}

std::size_t listener_table::listeners_of(audience_id id) const {
  const audience* const found = find(id);
  return found ? found->listeners_.size() : 0;
}

bool listener_table::add(audience_listener& who, audience& to, ticket asked) {
  if (audience_listener::place* const known = who.find(to.id)) {
    known->asked = asked;
    return false;
  }
  who.places_.push_back({&to, static_cast<std::uint32_t>(to.listeners_.size()), asked});
  to.listeners_.push_back(&who);
  return true;
}

std::optional<enrolment> listener_table::leave(audience_listener& who, audience_id id) {
  const audience_listener::place* const place = who.find(id);
  if (!place)
    return std::nullopt;
  audience& left = *place->where;
  enrolment had{left.kind, left.name, left.host, place->asked};
  auto& all = left.listeners_;
  if (place->number < left.followers_)
    swap_places(left, place->number, --left.followers_);
  if (audience_listener* const last = all.back(); last != &who) {
    all[place->number] = last;
    last->find(id)->number = place->number;
  }
  all.pop_back();
  if (left.replays)
    left.replays->end(who);
  who.forget(*place);
  if (all.empty())
    audiences_.erase(id);
  return had;
}

void listener_table::follow(audience_listener& who, audience_id id, bool does) {
  const audience_listener::place* const place = who.find(id);
  if (!place)
    return;
  audience& in = *place->where;
  if ((place->number < in.followers_) == does)
    return;
  swap_places(in, place->number, does ? in.followers_++ : --in.followers_);
}

void listener_table::swap_places(audience& of, std::uint32_t a, std::uint32_t b) {
  if (a == b)
    return;
  auto& all = of.listeners_;
  std::swap(all[a], all[b]);
  all[a]->find(of.id)->number = a;
  all[b]->find(of.id)->number = b;
}

std::vector<audience_listener*> listener_table::dissolve(audience_id id) {
  const auto found = audiences_.find(id);
  if (found == audiences_.end())
    return {};
  auto all = std::move(found->second.listeners_);
  for (audience_listener* const each : all)
    each->forget(*each->find(id));
  audiences_.erase(found);
  return all;
}

} // namespace troupe
