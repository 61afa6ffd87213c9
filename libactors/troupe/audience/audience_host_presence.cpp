// What rooms and topics do where somebody wants to know who is there.
#include "troupe/audience/audience_host.hpp"
#include "troupe/audience/presence.hpp"

namespace troupe {

namespace {

error not_kept() {
  return {errc::not_found, "Nobody is told here who is there"};
}

} // namespace

const presence_rule& audience_host::presence_settings() {
  read_settings();
  return presence_rule_;
}

presence* audience_host::keep_presence() {
  if (!presence_ && presence_settings().mode != presence_mode::off)
    presence_ = std::make_unique<presence>(*this);
  return presence_.get();
}

void audience_host::forget_presence() {
  presence_.reset();
}

// What is kept may have been switched off meanwhile.
presence* audience_host::shown_presence() {
  return presence_settings().mode == presence_mode::off ? nullptr : presence_.get();
}

bool audience_host::may_see_presence(const identity* who) const {
  return server_.live().access.allow(action::presence, name(), who);
}

void audience_host::let_follow(connection_id who, bool does, const identity* as) {
  presence* const here = does ? shown_presence() : presence_.get();
  if (does && !here)
    return refuse_request(who, not_kept(), {});
  if (does && !may_see_presence(as))
    return refuse_request(who, server_.live().access.refusal(action::presence, name()), {});
  if (here)
    here->follow(who, does);
}

bool audience_host::on_set_presence(const set_presence& message) {
  presence* const here = shown_presence();
  if (!here || !here->show_state(message.connection, message.state)) {
    refuse_request(message.connection, here ? error{errc::not_in_room} : not_kept(), message.id);
    return false;
  }
  events::presence_updated done{.id = message.id};
  (kind_ == audience_kind::room ? done.room : done.topic) = name();
  send_one(message.connection, std::move(done));
  return true;
}

void audience_host::on_presence_request(const presence_request& message) {
  auto read = on_read_presence(message.asked, message.id);
  if (!read.result)
    return refuse_request(message.connection, std::move(read.result).error(), message.id);
  send_one(message.connection, *std::move(read.result));
}

presence_read audience_host::on_read_presence(const presence_question& asked,
                                              const request_id& id) {
  presence* const here = shown_presence();
  if (!here)
    return {fail(not_kept())};
  return {here->page(asked, id)};
}

} // namespace troupe
