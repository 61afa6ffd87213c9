#include "troupe/delivery/pending_request.hpp"

#include <algorithm>
#include <iterator>

namespace troupe {

pending_request::pending_request(purpose what, const std::vector<std::string>& names, request_id id,
                                 bool by_channel, std::vector<error> forbidden)
  : what_(what),
    by_channel_(by_channel),
    answers_left_(names.size()),
    id_(std::move(id)),
    refused_(std::move(forbidden)) {
  places_.reserve(names.size());
  for (const auto& name : names)
    places_.push_back({name, {}, {}, {}});
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
  return kind == this->kind() &&
         std::any_of(places_.begin(), places_.end(),
                     [name](const place& each) { return each.name == name; });
}

bool pending_request::grant(ticket asked, place in) {
  if (asked != asked_)
    return false;
  know(std::move(in));
  return true;
}

bool pending_request::refuse(ticket asked, std::string name, error why) {
  if (asked != asked_)
    return false;
  refused_.push_back(std::move(why).about(kind(), std::move(name)));
  --answers_left_;
  return true;
}

void pending_request::know(place in) {
  if (place* const known = find(in.name)) {
    *known = std::move(in);
    --answers_left_;
  }
}

// A pattern has no position, but an answer to whether anything is recovered.
bool pending_request::is_granted(const place& in) {
  return !in.at.epoch.empty() || in.recovered;
}

void pending_request::time_out() {
  for (const auto& each : places_)
    if (!is_granted(each) && std::none_of(refused_.begin(), refused_.end(),
                                          [&](const error& e) { return e.name == each.name; }))
      refused_.push_back(error{errc::timeout}.about(kind(), each.name));
  answers_left_ = 0;
}

std::vector<pending_request::place> pending_request::granted() const {
  std::vector<place> out;
  std::copy_if(places_.begin(), places_.end(), std::back_inserter(out), is_granted);
  return out;
}

} // namespace troupe
