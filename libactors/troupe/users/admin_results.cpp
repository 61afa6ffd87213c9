#include "troupe/users/admin_results.hpp"

#include "troupe/json/json_text.hpp"

namespace troupe::admin {

namespace {

// The fields as an object of their own: without the comma they begin with.
std::string object(const json_fields& fields) {
  std::string out = "{";
  out += fields.view().substr(std::min<std::size_t>(1, fields.view().size()));
  return out += "}";
}

template <class Range, class Show>
std::string array(const Range& range, Show show) {
  std::string out = "[";
  for (const auto& each : range) {
    if (out.size() > 1)
      out += ",";
    out += show(each);
  }
  return out += "]";
}

std::string string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

struct audience_words {
  std::string_view one, many, listeners;
};

const audience_words& words_of(audience_kind kind) {
  static constexpr audience_words of_rooms{"room", "rooms", "members"};
  static constexpr audience_words of_topics{"topic", "topics", "subscribers"};
  return kind == audience_kind::room ? of_rooms : of_topics;
}

// The `after` of the next page, when there is one.
void put_next(json_fields& to, bool more, std::string_view last) {
  if (more)
    to.text("next", last);
}

} // namespace

std::string reach_json(std::size_t connections) {
  return object(json_fields{}.number("connections", connections));
}

std::string inbox_json(std::size_t heard, bool kept) {
  return object(
    json_fields{}.number("connections", heard).number("heard", heard).flag("kept", kept));
}

std::string audiences_json(audience_kind kind, const audience_list& all,
                           const std::vector<std::size_t>& listeners) {
  const auto& words = words_of(kind);
  std::size_t i = 0;
  json_fields out;
  out.number("total", all.total);
  out.raw(words.many, array(all.listed, [&](const audience_list::entry& each) {
            return object(
              json_fields{}.text(words.one, each.name).number(words.listeners, listeners[i++]));
          }));
  put_next(out, all.more, all.listed.empty() ? "" : all.listed.back().name);
  return object(out);
}

std::string audience_json(const describe_audience& which, const audience_described::state& how) {
  const auto& words = words_of(which.kind);
  return object(json_fields{}
                  .text(words.one, which.name)
                  .number(words.listeners, how.listeners)
                  .text("epoch", how.at.epoch)
                  .number("offset", how.at.offset));
}

std::string connection_json(const server_settings& settings,
                            const connections_described::one& which) {
  json_fields out;
  out.text("connection_id", settings.public_id(which.id));
  if (which.who)
    out.text("user_id", which.who->user_id).text("username", which.who->username);
  if (!which.user.empty())
    out.text("user", which.user);
  if (which.address.known())
    out.text("address", which.address.to_string());
  return object(out.raw("rooms", array(which.rooms, string))
                  .raw("topics", array(which.topics, string))
                  .number("waiting_bytes", which.waiting_bytes));
}

std::string user_json(const server_settings& settings, const identity& who, std::size_t total,
                      const std::vector<connections_described::one>& connections, bool more) {
  json_fields out;
  out.text("user_id", who.user_id)
    .text("username", who.username)
    .raw("roles", array(who.roles, string))
    .number("total", total)
    .raw("connections", array(connections, [&](const connections_described::one& each) {
           return connection_json(settings, each);
         }));
  put_next(out, more, connections.empty() ? "" : settings.public_id(connections.back().id));
  return object(out);
}

std::string users_json(std::size_t connections, const user_index& here,
                       const std::vector<user_index::user>& users, bool more) {
  json_fields out;
  out.number("connections", connections).number("authenticated", here.connections());
  out.raw("users", array(users, [](const user_index::user& each) {
            return object(json_fields{}
                            .text("user_id", each.who->user_id)
                            .text("username", each.who->username)
                            .number("connections", each.connections));
          }));
  put_next(out, more, users.empty() ? "" : users.back().who->user_id);
  return object(out);
}

std::string bans_json(const std::vector<deny_list::banned>& bans, wall_time now, bool more) {
  json_fields out;
  out.raw("bans", array(bans, [now](const deny_list::banned& each) {
            const auto left = std::chrono::ceil<std::chrono::seconds>(each.until - now);
            return object(json_fields{}
                            .text("address", each.whom.to_string())
                            .number("seconds", static_cast<std::uint64_t>(left.count())));
          }));
  put_next(out, more, bans.empty() ? "" : bans.back().whom.to_string());
  return object(out);
}

std::string figures_json(std::string_view server_name, const figures& of) {
  return object(json_fields{}
                  .text("server", server_name)
                  .number("uptime_seconds", of.uptime_seconds)
                  .number("connections", of.connections)
                  .number("authenticated", of.authenticated)
                  .number("users", of.users)
                  .number("rooms", of.rooms)
                  .number("topics", of.topics)
                  .number("denials", of.denials));
}

} // namespace troupe::admin
