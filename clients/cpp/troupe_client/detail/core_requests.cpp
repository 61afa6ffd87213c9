// Requests: sent, kept for the next connection, or given up.
#include "troupe_client/detail/core.hpp"

namespace troupe_client::detail {

namespace {

// More than this waits for the socket: then requests wait here, where they are counted.
constexpr std::size_t queued_bytes_max = 1024 * 1024;
constexpr std::size_t unanswered_max = 10'000;

std::string text_of(const outgoing& what) {
  auto out = what.head.dump(-1, ' ', false, json::error_handler_t::replace);
  if (what.member.empty())
    return out;
  out.pop_back(); // the last brace
  return out.append(",\"").append(what.member).append("\":").append(what.text).append("}");
}

} // namespace

bool core::clogged() const {
  return !open_ || !wire_ || wire_->queued_bytes() > queued_bytes_max;
}

void core::ask(request what, const ticket_ptr& by, answer_taker then) {
  if (by->aborted)
    return then(failure(errc::aborted, "taken back"));
  if (closing_)
    return then(failure(errc::closed, "the client has ended"));
  if (!open_ && (what.kind == request_kind::signal || options_.offline == when_offline::reject))
    return then(failure(errc::offline, "not connected"));
  if ((clogged() && requests_.waiting() >= options_.waiting_max) ||
      requests_.size() >= unanswered_max)
    return then(failure(errc::too_many_waiting, "as many requests as may wait do"));
  auto& head = what.what.head;
  pending_request asked;
  asked.id = requests_.next_id();
  asked.kind = what.kind;
  by->id = asked.id;
  if (what.kind != request_kind::signal) {
    head["id"] = asked.id;
    asked.deadline = clock::now() + options_.deadline;
  }
  if (what.kind == request_kind::repeat && !head.contains("msg_id"))
    head["msg_id"] = msg_id_prefix_ + '-' + std::to_string(++msg_ids_);
  asked.text = text_of(what.what);
  if (what.except_me) {
    asked.then = [weak = weak_from_this(),
                  about =
                    audience_key{head.contains("room") ? audience_kind::room : audience_kind::topic,
                                 head.value("room", head.value("topic", std::string()))},
                  then = std::move(then)](result<frame_ptr> answer) {
      const auto self = weak.lock();
      if (const auto here = self && answer ? self->audiences_.find(about) : nullptr)
        here->at.said({std::string((*answer)->text_of("epoch")), (*answer)->offset()});
      then(std::move(answer));
    };
  } else {
    asked.then = std::move(then);
  }
  requests_.add(std::move(asked));
  mind_deadlines();
  if (open_)
    flush_later();
}

void core::abort(const ticket_ptr& by) {
  by->aborted = true;
  if (auto taken = requests_.take(by->id)) {
    taken->then(failure(errc::aborted, "taken back"));
    mind_deadlines();
  }
}

void core::send_control(json content, answer_taker then) {
  pending_request asked;
  asked.id = requests_.next_id();
  asked.kind = request_kind::control;
  content["id"] = asked.id;
  asked.sent = true;
  asked.then = std::move(then);
  auto text = content.dump();
  requests_.add(std::move(asked));
  wire_->send(std::move(text));
}

// What is asked for in one turn leaves together: first the rooms and topics, so that what is said
// there comes behind.
void core::flush_later() {
  if (std::exchange(flush_queued_, true))
    return;
  post([](core& self) {
    self.flush_queued_ = false;
    self.flush();
  });
}

void core::flush() {
  if (!open_ || closing_)
    return;
  leave_all();
  enter_all();
  while (!clogged()) {
    const auto next = requests_.send_next();
    if (!next)
      break;
    wire_->send(next->text);
    if (next->kind == request_kind::signal && next->then)
      next->then(frame_ptr(std::make_shared<frame>()));
  }
}

// One alarm for all requests: at the earliest deadline.
void core::mind_deadlines() {
  const auto earliest = requests_.earliest();
  if (!earliest)
    return deadline_.cancel();
  if (deadline_.is_set())
    return; // it looks again then
  deadline_.set(
    *earliest - clock::now(),
    [this] {
      for (auto& each : requests_.expired(clock::now()))
        each.then(failure(errc::timeout, "no answer in time"));
      mind_deadlines();
    },
    shared_from_this());
}

} // namespace troupe_client::detail
