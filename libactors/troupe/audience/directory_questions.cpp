// What others ask the directory: which rooms and topics there are, and how one stands or who is
// there, which it hands on. One that is not there is not made.
#include "troupe/audience/directory.hpp"
#include "troupe/wire/name_page.hpp"

#include <caf/send.hpp>

namespace troupe {

const directory::entry* directory::find(audience_kind kind, const std::string& name) const {
  const auto& list = all(kind).entries;
  const auto place = list.find(name);
  return place == list.end() ? nullptr : &place->second;
}

error directory::none_such(audience_kind kind) {
  return {errc::not_found, kind == audience_kind::room ? "No such room" : "No such topic"};
}

audience_list directory::on_list_audiences(const list_audiences& question) const {
  const auto& list = all(question.kind).entries;
  name_page page(question.which.after, question.which.limit);
  for (const auto& [name, who] : list)
    page.consider(name);
  audience_list out;
  for (const auto name : page.names())
    out.listed.push_back({std::string(name), list.at(std::string(name)).audience});
  out.more = page.more();
  out.total = list.size();
  return out;
}

caf::result<audience_described> directory::on_describe(describe_audience& question) {
  const auto* const known = find(question.kind, question.name);
  if (!known)
    return audience_described{fail(none_such(question.kind))};
  return std::visit(
    [&](const auto& actor) -> caf::result<audience_described> {
      return delegate(actor, std::move(question));
    },
    known->actor);
}

void directory::on_presence_request(presence_request& request) {
  const auto kind = request.asked.kind;
  if (const auto* const known = find(kind, request.asked.name))
    return std::visit([&](const auto& actor) { caf::anon_send(actor, std::move(request)); },
                      known->actor);
  const auto why = none_such(kind).about(kind, std::move(request.asked.name));
  context_.metrics.refused(why.code);
  caf::anon_send(context_.routes.child_of(request.connection),
                 unicast{request.connection, share(events::refusal(why, request.id))});
}

caf::result<presence_read> directory::on_read_presence(read_presence& question) {
  const auto* const known = find(question.asked.kind, question.asked.name);
  if (!known)
    return presence_read{fail(none_such(question.asked.kind))};
  return std::visit(
    [&](const auto& actor) -> caf::result<presence_read> {
      return delegate(actor, std::move(question));
    },
    known->actor);
}

} // namespace troupe
