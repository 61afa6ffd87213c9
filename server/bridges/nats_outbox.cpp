#include "server/bridges/nats_outbox.hpp"

#include <iterator>
#include <utility>

namespace troupe {

std::size_t nats_outgoing::cost() const {
  std::size_t sum = sizeof *this + subject.size() + payload.size() + reply.size();
  for (const auto& [name, value] : headers)
    sum += sizeof(headers.front()) + name.size() + value.size();
  return sum;
}

std::size_t nats_outbox::make_room(std::size_t needed) {
  std::size_t dropped = 0;
  for (; !waiting_.empty() && bytes_ + needed > bytes_max_; ++dropped) {
    bytes_ -= waiting_.front().cost();
    waiting_.pop_front();
  }
  return dropped;
}

std::size_t nats_outbox::push(nats_outgoing message) {
  const std::size_t cost = message.cost();
  std::size_t dropped = 0;
  if (when_full_ == nats_when_full::drop && cost <= bytes_max_)
    dropped = make_room(cost);
  if (bytes_ + cost > bytes_max_)
    return dropped + 1;
  bytes_ += cost;
  waiting_.push_back(std::move(message));
  return dropped;
}

nats_batch nats_outbox::take() {
  nats_batch batch;
  std::size_t bytes = 0;
  while (!waiting_.empty() && batch.size() < batch_messages_max) {
    const std::size_t cost = waiting_.front().cost();
    if (!batch.empty() && bytes + cost > batch_bytes_max)
      break;
    bytes += cost;
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  bytes_ -= bytes;
  return batch;
}

nats_batch nats_outbox::take_all() {
  nats_batch all(std::make_move_iterator(waiting_.begin()),
                 std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  bytes_ = 0;
  return all;
}

void nats_outbox::put_back(nats_batch messages) {
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    bytes_ += message->cost();
    waiting_.push_front(std::move(*message));
  }
}

} // namespace troupe
