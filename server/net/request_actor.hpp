// Asks actors one thing and hands over what they answer: an actor for as long as that takes. Runs
// on the loop of who asks.
//
// Each question has an outcome, also when the server ends: an actor that ends bounces what waits in
// its mailbox, and what it has begun is an `owed_answer`.
#pragma once

#include "troupe/runtime/owed_answer.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/wire/result.hpp"

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <utility>
#include <vector>

namespace troupe {

/// What `placed_actor` takes for the interface of an actor without messages of its own: CAF has no
/// typed one. What it asks and is answered is typed by whom it asks.
struct no_messages {
  using base = caf::event_based_actor;
};

/// `Handle` is the typed handle of those who are asked; one of them answers with an `Answer`.
template <class Handle, class Question, class Answer>
class request_actor final : public placed_actor<no_messages> {
public:
  using outcomes = std::vector<troupe::result<Answer>>;

  request_actor(caf::actor_config& config, event_loop* loop, std::vector<Handle> whom,
                std::chrono::milliseconds timeout, Question question,
                std::function<void(outcomes)> then)
    : placed_actor(config, loop),
      whom_(std::move(whom)),
      timeout_(timeout),
      question_(std::move(question)),
      then_(std::move(then)) {}

  const char* name() const override { return "request"; }

protected:
  caf::behavior make_behavior() override {
    for (const auto& each : whom_)
      request(each, timeout_, question_)
        .then([this](const Answer& answer) { take(answer); },
              [this](const caf::error& why) { take(fail(no_answer(why))); });
    return {}; // ends when nothing is awaited any more
  }

private:
  void take(troupe::result<Answer> outcome) {
    outcomes_.push_back(std::move(outcome));
    if (outcomes_.size() == whom_.size())
      then_(std::move(outcomes_));
  }

  const std::vector<Handle> whom_;
  const std::chrono::milliseconds timeout_;
  const Question question_;
  std::function<void(outcomes)> then_;
  outcomes outcomes_;
};

/// Asks each of `whom`, at least one, and calls `done` on `loop`, once, with what came within
/// `timeout`, in the order in which it came: answers, or why there is none.
template <class Answer, class Handle, class Question>
void request_all(event_loop& loop, std::vector<Handle> whom, std::chrono::milliseconds timeout,
                 Question question, std::function<void(std::vector<result<Answer>>)> done) {
  spawn_placed<request_actor<Handle, Question, Answer>>(
    loop.system(), &loop, std::move(whom), timeout, std::move(question), std::move(done));
}

} // namespace troupe
