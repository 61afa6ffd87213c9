// Who reads, for others, what one loop's rooms and topics have said lately, whether they have an
// actor now or not. Pinned to the loop of its table.
#pragma once

#include "troupe/audience/record_table.hpp"
#include "troupe/messages.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/server_context.hpp"

namespace troupe {

class archive final : public placed_actor<archive_actor> {
public:
  archive(caf::actor_config& config, event_loop* loop, const server_context& context,
          record_table& records);

  const char* name() const override { return "archive"; }

protected:
  behavior_type make_behavior() override;

private:
  void on_request(const history_request& message);
  result<event_ptr> read(const history_question& asked, const request_id& id);
  result<std::size_t> forget(const forget_history& message);

  const server_context& context_;
  record_table& records_;
};

} // namespace troupe
