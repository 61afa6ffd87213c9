#include "troupe/delivery/pending_request.hpp"

#include <algorithm>
#include <iterator>

namespace troupe {

pending_request::pending_request(purpose what, const std::vector<std::string>& names, request_id id,
                                 bool by_channel)
  : what_(what),
    by_channel_(by_channel),
    answers_left_(names.size()),
    id_(std::move(id)) {
  places_.reserve(names.size());
  for (const auto& name : names)
    places_.push_back({name, {}});
}

void pending_request::begin(ticket asked, time_point until) {
  asked_ = asked;
  until_ = until;
}

pending_request::place* pending_request::find(std::string_view name) {
  const auto found = std::find_if(places_.begin(), places_.end(),
                                  [name](const place& each) { return each.name == name; });
  return found == places_.end() ? nullptr : &*found;
}

bool pending_request::awaits(audience_kind kind, std::string_view name) const {
  const auto mine = what_ == purpose::subscribe ? audience_kind::topic : audience_kind::room;
  return kind == mine && std::any_of(places_.begin(), places_.end(),
                                     [name](const place& each) { return each.name == name; });
}

bool pending_request::grant(ticket asked, std::string_view name, const position& at) {
  if (asked != asked_)
    return false;
  know(name, at);
  return true;
}

bool pending_request::refuse(ticket asked, const std::string& name, error why) {
  if (asked != asked_)
    return false;
  if (what_ == purpose::subscribe)
    why.message = name + ": " + why.message;
  add(std::move(why));
  --answers_left_;
  return true;
}

void pending_request::know(std::string_view name, const position& at) {
  if (place* const known = find(name)) {
    known->at = at;
    --answers_left_;
  }
}

void pending_request::time_out() {
  answers_left_ = 0;
  add(error{errc::timeout});
}

std::vector<pending_request::place> pending_request::granted() const {
  std::vector<place> out;
  std::copy_if(places_.begin(), places_.end(), std::back_inserter(out),
               [](const place& each) { return !each.at.epoch.empty(); });
  return out;
}

} // namespace troupe
