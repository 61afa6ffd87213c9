#include "troupe/bus/bus_service.hpp"

#include "troupe/messages.hpp"
#include "troupe/runtime/answer_timeouts.hpp"
#include "troupe/wire/place_text.hpp"

#include <caf/send.hpp>

namespace troupe {

namespace {

constexpr std::chrono::minutes between_warnings{1};

} // namespace

struct bus_service::work {
  std::size_t method; ///< of service::methods, or their number
  std::string reply;  ///< or empty: nobody waits
  std::string correlation;
  caf::actor_clock::time_point began;
  troupe::credit credit;
};

bus_service::bus_service(caf::actor_config& config, event_loop* loop, const server_context& context,
                         bus_actor bus, service::self who)
  : placed_actor(config, loop),
    context_(context),
    bus_(std::move(bus)),
    who_(std::move(who)),
    calls_prefix_(who_.name + ".rpc."),
    casts_prefix_(who_.name + ".async."),
    describe_(who_.name + ".describe") {
  report_exceptions(context.observers.report, "bus service");
}

bus_service::behavior_type bus_service::make_behavior() {
  started_ = context_.observers.now();
  listen();
  return {
    [this](bus_message& message) {
      // One call that fails here must not end the service.
      try {
        on_message(message);
      } catch (const std::exception& problem) {
        context_.observers.report(std::string("a call from the bus failed: ") + problem.what());
      }
    },
    [](const bus_state&) {}, // whoever calls knows that the bus is there
  };
}

void bus_service::listen() {
  const auto me = caf::actor_cast<bus_listener_actor>(this);
  std::vector<std::string> subjects = service::discovery_subjects(who_);
  subjects.insert(subjects.end(), {calls_prefix_ + "*", casts_prefix_ + "*", describe_});
  for (auto& each : subjects)
    caf::anon_send(bus_, bus_listen{std::move(each), {}, me});
}

void bus_service::on_message(bus_message& message) {
  const std::string_view subject = message.subject;
  const bool cast = subject.starts_with(casts_prefix_);
  const bool to_an_inbox = valid_inbox(message.reply, who_.inbox);
  if (!cast && !to_an_inbox && !message.reply.empty())
    warn_of_reply(message);
  if (cast || !to_an_inbox)
    message.reply.clear();
  if (cast)
    return on_call(subject.substr(casts_prefix_.size()), message);
  if (subject.starts_with(calls_prefix_))
    return on_call(subject.substr(calls_prefix_.size()), message);
  if (message.reply.empty())
    return;
  auto text = subject == describe_ ? service::description(who_)
                                   : service::discovery_answer(subject, who_, started_, figures_);
  if (!text.empty())
    answer(message.reply, std::move(text));
}

// Whoever may only ask would otherwise publish, as this server, on any subject.
void bus_service::warn_of_reply(const bus_message& message) {
  context_.metrics.bus.dropped.add(bus_drop_reason::invalid_subject);
  const auto now = clock().now();
  if (now < silent_until_)
    return;
  silent_until_ = now + between_warnings;
  constexpr std::size_t shown_bytes_max = 128; // it is from outside
  context_.observers.warn("no answer to a request on " + message.subject +
                          ": it is to go where no inbox is, see nats.inbox_prefix: " +
                          message.reply.substr(0, shown_bytes_max));
}

void bus_service::on_call(std::string_view method, bus_message& message) {
  auto asked = service::read_request(method, message.payload, message.correlation,
                                     context_.live().bounds, message.msg_id);
  const auto of = std::make_shared<work>(work{service::number_of(method), std::move(message.reply),
                                              std::move(asked.correlation), clock().now(),
                                              std::move(message.credit)});
  if (of->method < figures_.size())
    ++figures_[of->method].requests;
  if (!asked.what)
    fail(of, asked.what.error());
  else
    carry_out(*asked.what, of);
}

void bus_service::carry_out(service::command& what, const work_ptr& of) {
  const auto slow = [this, of](const caf::error&) { fail(of, error{errc::timeout}); };
  if (auto* message = std::get_if<post>(&what))
    request(context_.routes.directory, call_timeout, std::move(*message))
      .then(
        [this, of](const posted& outcome) {
          if (!outcome.result)
            fail(of, outcome.result.error());
          else
            succeed(of, place_text(*outcome.result, outcome.listeners));
        },
        slow);
  else if (auto* command = std::get_if<admin::command>(&what))
    request(context_.routes.users, call_timeout, administer{std::move(*command), "nats"})
      .then(
        [this, of](const administered& outcome) {
          if (!outcome.result)
            fail(of, outcome.result.error());
          else
            succeed(of, *outcome.result);
        },
        slow);
  else
    succeed(of, service::info_json(who_, context_.settings.server_name));
}

void bus_service::succeed(const work_ptr& of, std::string_view result) {
  figures_[of->method].busy += clock().now() - of->began;
  if (!of->reply.empty())
    answer(of->reply, service::result_answer(result, context_.observers.now(), of->correlation));
}

void bus_service::fail(const work_ptr& of, const error& why) {
  if (of->method < figures_.size()) {
    auto& figures = figures_[of->method];
    ++figures.errors;
    figures.last_error = why.message;
    figures.busy += clock().now() - of->began;
  }
  if (!of->reply.empty())
    answer(of->reply, service::error_answer(why, context_.observers.now(), of->correlation));
}

void bus_service::answer(const std::string& to, std::string text) {
  caf::anon_send(bus_, bus_publish{to, std::move(text), {{"Content-Type", "application/json"}}});
}

} // namespace troupe
