#include "troupe_client/detail/request_table.hpp"

#include <algorithm>
#include <utility>

namespace troupe_client::detail {

std::optional<pending_request> request_table::send_next() {
  auto next = requests_.upper_bound(sent_to_);
  while (next != requests_.end() && next->second.sent)
    ++next;
  if (next == requests_.end())
    return std::nullopt;
  sent_to_ = next->first;
  if (next->second.kind == request_kind::signal) {
    longest_signal_ = std::max(longest_signal_, next->second.text.size());
    return take(next->first);
  }
  waiting_ -= waits(next->second) ? 1 : 0;
  next->second.sent = true;
  pending_request copy;
  copy.id = next->second.id;
  copy.kind = next->second.kind;
  copy.text = next->second.text;
  return copy;
}

std::optional<pending_request> request_table::take(std::uint64_t id) {
  const auto found = requests_.find(id);
  if (found == requests_.end())
    return std::nullopt;
  waiting_ -= waits(found->second) ? 1 : 0;
  auto out = std::move(found->second);
  requests_.erase(found);
  return out;
}

template <class Which>
std::vector<pending_request> request_table::take_if(Which which) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, request] : requests_)
    if (which(request))
      ids.push_back(id);
  std::vector<pending_request> out;
  out.reserve(ids.size());
  for (const auto id : ids)
    out.push_back(*take(id));
  return out;
}

std::optional<pending_request> request_table::take_too_long() {
  const pending_request* longest = nullptr;
  for (const auto& [id, request] : requests_)
    if (request.sent && request.kind != request_kind::control &&
        request.text.size() > (longest ? longest->text.size() : longest_signal_))
      longest = &request;
  return longest ? take(longest->id) : std::nullopt;
}

std::vector<pending_request> request_table::lost() {
  auto out = take_if([](const pending_request& of) {
    return of.kind == request_kind::control || of.kind == request_kind::signal ||
           (of.kind == request_kind::ask && of.sent);
  });
  for (auto& [id, request] : requests_)
    if (std::exchange(request.sent, false))
      ++waiting_;
  sent_to_ = 0;
  longest_signal_ = 0;
  return out;
}

std::vector<pending_request> request_table::expired(clock::time_point now) {
  return take_if([now](const pending_request& of) { return of.deadline <= now; });
}

std::optional<request_table::clock::time_point> request_table::earliest() const {
  auto out = clock::time_point::max();
  for (const auto& [id, request] : requests_)
    out = std::min(out, request.deadline);
  return out == clock::time_point::max() ? std::nullopt : std::optional(out);
}

std::vector<pending_request> request_table::clear() {
  return take_if([](const pending_request&) { return true; });
}

} // namespace troupe_client::detail
