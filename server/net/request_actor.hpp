// Asks actors one thing and hands over what they answer: an actor for as long as that takes. Runs
// on the loop of who asks.
#pragma once

#include "troupe/runtime/placed_actor.hpp"

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
  using answers_function = std::function<void(std::vector<Answer>)>;

  request_actor(caf::actor_config& config, event_loop* loop, std::vector<Handle> whom,
                std::chrono::milliseconds timeout, Question question, answers_function then)
    : placed_actor(config, loop),
      whom_(std::move(whom)),
      timeout_(timeout),
      question_(std::move(question)),
      then_(std::move(then)) {}

  const char* name() const override { return "request"; }

protected:
  caf::behavior make_behavior() override {
    waiting_for_ = whom_.size();
    for (const auto& each : whom_)
      request(each, timeout_, question_)
        .then(
          [this](const Answer& answer) {
            answers_.push_back(answer);
            one_less();
          },
          [this](const caf::error&) { one_less(); });
    return {}; // ends when nothing is awaited any more
  }

private:
  void one_less() {
    if (--waiting_for_ == 0)
      then_(std::move(answers_));
  }

  const std::vector<Handle> whom_;
  const std::chrono::milliseconds timeout_;
  const Question question_;
  answers_function then_;
  std::vector<Answer> answers_;
  std::size_t waiting_for_ = 0;
};

/// Asks each of `whom`, at least one, and calls `done` on `loop`, once, with the answers that came
/// within `timeout`. It is not called when the server ends before.
template <class Answer, class Handle, class Question>
void request_all(event_loop& loop, std::vector<Handle> whom, std::chrono::milliseconds timeout,
                 Question question, std::function<void(std::vector<Answer>)> done) {
  spawn_placed<request_actor<Handle, Question, Answer>>(
    loop.system(), &loop, std::move(whom), timeout, std::move(question), std::move(done));
}

} // namespace troupe
