#include "server/describe/calls.hpp"

#include "server/describe/protocol_schemas.hpp"

#include <map>
#include <variant>

namespace troupe::descriptions {

namespace {

constexpr std::string_view api = "/api/v1/";

using command_names = std::set<std::string_view>;

bool is_one_of(const noted_call& call, const command_names& names) {
  const auto* what = std::get_if<admin::command>(&call.asks);
  return what && names.contains(admin::name_of(*what));
}

// About what need not be there.
bool may_miss(const noted_call& call) {
  static const command_names names{"kick_from_room", "mute",    "close_room",    "lift_ban",
                                   "presence",       "room",    "topic",         "connection",
                                   "user",           "history", "forget_history"};
  return is_one_of(call, names);
}

// What they deny is remembered, of so many at most.
bool may_be_too_many(const noted_call& call) {
  static const command_names names{"kick", "kick_from_room", "mute", "ban_address", "deny_token"};
  return is_one_of(call, names) || std::holds_alternative<post>(call.asks);
}

} // namespace

const statuses& all_refusals() {
  static const statuses all{400, 401, 403, 404, 408, 409, 413, 417,
                            422, 426, 429, 431, 500, 503, 504};
  return all;
}

call_names names_of(const noted_call& call) {
  if (const auto* said = std::get_if<post>(&call.asks))
    return said->kind == audience_kind::topic
             ? call_names{"publish", "request.publish", "SaidResult"}
             : call_names{"say", "request.message", "SaidResult"};
  if (const auto* what = std::get_if<admin::command>(&call.asks)) {
    const std::string name(admin::name_of(*what));
    // Two paths, one command.
    const bool both = name == "history" || name == "forget_history" || name == "presence";
    return {both ? name + "_of_" + first_part(call.pattern) : name, "command." + name,
            result_of(name)};
  }
  return {"drain", "call.drain", "EmptyResult"};
}

statuses refusals_of(const noted_call& call) {
  statuses out{400, 401, 403, 408, 429, 431, 500, 503, 504};
  if (call.takes_body != call_body::ignored)
    out.insert({413, 417});
  if (may_miss(call))
    out.insert(404);
  if (may_be_too_many(call))
    out.insert(409);
  if (call.when_repeated == call_repeated::is_known)
    out.insert(422);
  return out;
}

std::string first_part(std::string_view pattern) {
  pattern.remove_prefix(api.size());
  return std::string(pattern.substr(0, pattern.find('/')));
}

const plain_path& plain_path_of(std::string_view path) {
  static const statuses of_all{400, 403, 408, 429, 431, 503};
  static const statuses of_websockets{400, 401, 403, 404, 408, 426, 429, 431, 503};
  static const statuses of_metrics{400, 401, 403, 408, 429, 431, 503, 504};
  static const std::map<std::string_view, plain_path> all{
    {"/ws", {"connect", "", of_websockets}},
    {"/chat/{room}", {"connect_to_chat", "", of_websockets}},
    {"/room/{type}/{room}", {"connect_to_room", "", of_websockets}},
    {"/echo", {"echo", "", of_websockets}},
    {"/", {"page", "text/html", of_all, true}},
    {"/troupe-client.js", {"page_client", "text/javascript", of_all, true}},
    {"/healthz", {"healthz", "text/plain", of_all}},
    {"/readyz", {"readyz", "text/plain", of_all}},
    {"/metrics", {"metrics", "text/plain", of_metrics}}};
  return all.at(path);
}

} // namespace troupe::descriptions
