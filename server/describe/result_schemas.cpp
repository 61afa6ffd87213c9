// What the commands of admins, and the calls of the server-side API, bring back.
#include "server/describe/protocol_schemas.hpp"

#include <map>
#include <stdexcept>

namespace troupe::descriptions {

namespace {

json page_of(std::string_view key, texts& words, const std::string& owner, bool counted,
             std::string_view entry) {
  object_schema out(words, owner);
  if (counted)
    out.needs("total", number_schema());
  out.needs(key, list_of(reference(entry)));
  out.may_have("next", text_schema());
  return std::move(out).done();
}

// How many listen to a room or topic, in a list and by itself.
void add_audiences(protocol_schemas& to, texts& words) {
  struct {
    std::string_view one, many, listeners, entry;
  } const kinds[] = {{"room", "rooms", "members", "RoomSize"},
                     {"topic", "topics", "subscribers", "TopicSize"}};
  for (const auto& each : kinds) {
    object_schema entry(words, "value." + std::string(each.entry));
    entry.needs(each.one, text_schema()).needs(each.listeners, number_schema());
    to.schemas[std::string(each.entry)] = std::move(entry).done();
    const auto list = schema_name(each.many, "Result"), one = schema_name(each.one, "Result");
    to.schemas[list] = page_of(each.many, words, "value." + list, true, each.entry);
    object_schema whole(words, "value." + one);
    whole.needs(each.one, text_schema()).needs(each.listeners, number_schema());
    whole.needs("epoch", text_schema()).needs("offset", number_schema());
    to.schemas[one] = std::move(whole).done();
  }
}

void add_connections(protocol_schemas& to, texts& words) {
  object_schema connection(words, "value.ConnectionResult");
  connection.needs("connection_id", text_schema());
  for (const auto* key : {"user_id", "username", "user", "address"})
    connection.may_have(key, text_schema());
  connection.needs("rooms", list_of(text_schema())).needs("topics", list_of(text_schema()));
  to.schemas["ConnectionResult"] =
    std::move(connection.needs("waiting_bytes", number_schema())).done();

  object_schema user(words, "value.UserResult");
  user.needs("user_id", text_schema()).needs("username", text_schema());
  user.needs("roles", list_of(text_schema())).needs("total", number_schema());
  user.needs("connections", list_of(reference("ConnectionResult"))).may_have("next", text_schema());
  to.schemas["UserResult"] = std::move(user).done();

  object_schema entry(words, "value.ConnectedUser");
  entry.needs("user_id", text_schema()).needs("username", text_schema());
  to.schemas["ConnectedUser"] = std::move(entry.needs("connections", number_schema())).done();
  object_schema users(words, "value.ConnectionsResult");
  users.needs("connections", number_schema()).needs("authenticated", number_schema());
  users.needs("users", list_of(reference("ConnectedUser"))).may_have("next", text_schema());
  to.schemas["ConnectionsResult"] = std::move(users).done();
}

void add_bans(protocol_schemas& to, texts& words) {
  object_schema ban(words, "value.Ban");
  ban.needs("address", text_schema()).needs("seconds", number_schema());
  to.schemas["Ban"] = std::move(ban).done();
  to.schemas["BansResult"] = page_of("bans", words, "value.BansResult", false, "Ban");
}

void add_stats(protocol_schemas& to, texts& words) {
  object_schema out(words, "value.StatsResult");
  out.needs("server", text_schema());
  for (const auto* key :
       {"uptime_seconds", "connections", "authenticated", "users", "rooms", "topics", "denials"})
    out.needs(key, number_schema());
  to.schemas["StatsResult"] = std::move(out).done();
}

// How many it reached, and the place of a message.
void add_reached(protocol_schemas& to, texts& words) {
  to.schemas["EmptyResult"] = object_schema(words, "value.EmptyResult").done();
  object_schema reached(words, "value.ReachedResult");
  to.schemas["ReachedResult"] = std::move(reached.needs("connections", number_schema())).done();
  object_schema sent(words, "value.SentToUserResult");
  sent.needs("connections", number_schema()).may_have("heard", number_schema());
  to.schemas["SentToUserResult"] = std::move(sent.may_have("kept", flag_schema())).done();
  object_schema said(words, "value.SaidResult");
  said.may_have("epoch", text_schema()).may_have("offset", number_schema());
  to.schemas["SaidResult"] = std::move(said.needs("listeners", number_schema())).done();
  object_schema forgotten(words, "value.ForgottenResult");
  to.schemas["ForgottenResult"] = std::move(forgotten.needs("messages", number_schema())).done();
}

} // namespace

std::string result_of(std::string_view command) {
  static const std::map<std::string_view, std::string_view> results{
    {"announce", "EmptyResult"},
    {"send_to_user", "SentToUserResult"},
    {"send_to_role", "ReachedResult"},
    {"kick", "ReachedResult"},
    {"ban_address", "ReachedResult"},
    {"lift_ban", "EmptyResult"},
    {"bans", "BansResult"},
    {"kick_from_room", "ReachedResult"},
    {"mute", "ReachedResult"},
    {"close_room", "ReachedResult"},
    {"rooms", "RoomsResult"},
    {"topics", "TopicsResult"},
    {"room", "RoomResult"},
    {"topic", "TopicResult"},
    {"connection", "ConnectionResult"},
    {"user", "UserResult"},
    {"presence", "PresenceFrame"},
    {"connections", "ConnectionsResult"},
    {"deny_token", "ReachedResult"},
    {"history", "HistoryFrame"},
    {"forget_history", "ForgottenResult"},
    {"stats", "StatsResult"}};
  const auto found = results.find(command);
  if (found == results.end())
    throw std::logic_error("what does the command " + std::string(command) + " bring back?");
  return std::string(found->second);
}

void add_results(protocol_schemas& to, texts& words) {
  add_reached(to, words);
  add_audiences(to, words);
  add_connections(to, words);
  add_bans(to, words);
  add_stats(to, words);
}

} // namespace troupe::descriptions
