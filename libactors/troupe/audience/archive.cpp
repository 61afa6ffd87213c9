#include "troupe/audience/archive.hpp"

#include "troupe/audience/history_page.hpp"

#include <caf/send.hpp>

namespace troupe {

namespace {

error unknown(audience_kind kind, const std::string& name) {
  return error{errc::not_found, kind == audience_kind::room ? "No such room" : "No such topic"}
    .about(kind, name);
}

} // namespace

archive::archive(caf::actor_config& config, event_loop* loop, const server_context& context,
                 record_table& records)
  : placed_actor(config, loop),
    context_(context),
    records_(records) {
  report_exceptions(context.observers.report, "archive");
}

archive::behavior_type archive::make_behavior() {
  return {
    [this](const history_request& message) { on_request(message); },
    [this](const read_history& message) { return history_read{read(message.asked, {})}; },
    [this](const forget_history& message) { return history_forgotten{forget(message)}; },
  };
}

void archive::on_request(const history_request& message) {
  auto page = read(message.asked, message.id);
  if (!page) {
    context_.metrics.refused(page.error().code);
    page = share(events::refusal(page.error(), message.id));
  }
  caf::anon_send(context_.routes.child_of(message.connection),
                 unicast{message.connection, *std::move(page)});
}

result<event_ptr> archive::read(const history_question& asked, const request_id& id) {
  const auto* const record = records_.find(asked.kind, asked.name);
  if (!record)
    return fail(unknown(asked.kind, asked.name));
  auto page = history_of(*record, {asked.before, asked.after, asked.limit, history_page_bytes},
                         clock().now());
  page.id = id;
  return share(std::move(page));
}

result<std::size_t> archive::forget(const forget_history& message) {
  auto* const record = records_.find(message.kind, message.name);
  if (!record)
    return fail(unknown(message.kind, message.name));
  const auto gone =
    message.user_id.empty() ? record->said.erase_all() : record->said.erase_of(message.user_id);
  records_.deleted(*record);
  return gone;
}

} // namespace troupe
