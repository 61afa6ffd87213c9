#include "server/config/exposure.hpp"

#include "server/config/access_of.hpp"
#include "server/log/printable.hpp"
#include "troupe/inbox.hpp"

#include <algorithm>
#include <iterator>

namespace troupe {

namespace {

// "subscribe, publish": the actions that are open to anyone.
std::string open_actions(const namespace_rule& space) {
  std::string out;
  for (std::size_t what = 0; what < std::size(action_names); ++what)
    if (space.grants[what].general == grant::to::anyone)
      out.append(out.empty() ? "" : ", ").append(action_names[what]);
  return out;
}

// Whether all its names are those of some user.
bool is_personal(const namespace_rule& space) {
  return std::ranges::all_of(space.patterns, has_placeholder);
}

// Whether somebody could have what is granted: without tokens nobody has a role.
bool needs_tokens(const namespace_rule& space) {
  for (const auto& given : space.grants)
    if (given.general == grant::to::authenticated || !given.roles.empty() || given.by_permission)
      return true;
  return false;
}

std::string title(const config& settings, std::size_t index) {
  const auto& patterns = settings.namespaces[index].patterns;
  return "namespace[" + std::to_string(index) + "] " +
         in_quotes(patterns.empty() ? std::string_view{} : patterns.front()) +
         (patterns.size() > 1 ? " and others" : "");
}

// "[[bridge.rule]], [[rpc.allow]]": what needs NATS.
std::string for_nats(const config& settings) {
  std::string out;
  const auto add = [&out](bool there, std::string_view what) {
    if (there)
      out.append(out.empty() ? "" : ", ").append(what);
  };
  add(settings.bridge.rules && !settings.bridge.rules->empty(), "[[bridge.rule]]");
  add(!settings.bridge.publishes.empty(), "[[bridge.publish]]");
  add(!settings.rpc_allow.empty(), "[[rpc.allow]]");
  const auto& nats = settings.nats;
  add(nats.required, "nats.required");
  add(!nats.user.empty() || !nats.token.empty() || !nats.credentials_file.empty() ||
        !nats.nkey_seed_file.empty(),
      "who the server is for NATS");
  return out;
}

// Pairs of [[bridge.publish]] whose subjects a name may make the same.
void warn_of_shared_subjects(const std::vector<publish_rule>& rules,
                             std::vector<std::string>& out) {
  for (std::size_t i = 0; i < rules.size(); ++i)
    for (std::size_t j = 0; j < rules.size(); ++j) {
      const auto& wide = rules[i];
      const auto& narrow = rules[j];
      if (i == j || wide.from == narrow.from || wide.subject.fixed() ||
          !narrow.subject.head().starts_with(wide.subject.head()) ||
          (i > j && narrow.subject.head() == wide.subject.head()))
        continue;
      out.push_back("bridge.publish[" + std::to_string(i) + "] and [" + std::to_string(j) +
                    "]: by its name a room or topic of the one may be published on a subject of "
                    "the other; let neither's fixed beginning begin with the other's");
    }
}

// The right to see who is there, where there is nothing to be seen.
void warn_of_unseen_presence(const config& settings, std::vector<std::string>& out) {
  for (std::size_t i = 0; i < settings.namespaces.size(); ++i) {
    const auto& space = settings.namespaces[i];
    const bool granted = !space.grants[static_cast<std::size_t>(action::presence)].is_to_nobody();
    if (granted && space.presence == presence_mode::off)
      out.push_back(title(settings, i) +
                    ": presence is without effect, because its presence_mode is \"off\"");
  }
}

// Messages that are to be kept for no time at all: the namespace says how many, and not for how
// long.
void warn_of_nothing_kept(const config& settings, std::vector<std::string>& out) {
  for (std::size_t i = 0; i < settings.namespaces.size(); ++i) {
    const auto& space = settings.namespaces[i];
    const auto keeps = [&](action comes_by, std::size_t messages, std::chrono::milliseconds age) {
      return !space.grants[static_cast<std::size_t>(comes_by)].is_to_nobody() &&
             space.history_messages.value_or(messages) > 0 &&
             space.history_age.value_or(age).count() > 0;
    };
    const auto& others = settings.defaults;
    if (space.greet > 0 &&
        !keeps(action::subscribe, others.topic_history_messages, others.topic_history) &&
        !keeps(action::join, others.room_history_messages, others.room_history))
      out.push_back(title(settings, i) + ": greet is without effect, because nothing is kept");
    else if (space.greet > 0 &&
             space.grants[static_cast<std::size_t>(action::history)].is_to_nobody())
      out.push_back(title(settings, i) +
                    ": greet gives the last messages to all who come, although "
                    "history is granted to nobody");
    const auto warn = [&](action comes_by, std::chrono::milliseconds by_default, const char* what) {
      const bool used = !space.grants[static_cast<std::size_t>(comes_by)].is_to_nobody();
      if (used && space.history_messages.value_or(0) > 0 &&
          space.history_age.value_or(by_default).count() == 0)
        out.push_back(title(settings, i) + ": history_messages is without effect on its " + what +
                      ", because they are kept for 0 seconds: set history_seconds");
    };
    warn(action::subscribe, settings.defaults.topic_history, "topics");
    warn(action::join, settings.defaults.room_history, "rooms");
  }
}

// How many messages are kept, or for how long, where the other of the two says that none are:
// unless some namespace says that itself.
void warn_of_half_a_history(const config& settings, std::vector<std::string>& out) {
  const defaults_config& ours = settings.defaults;
  const defaults_config untouched;
  const auto warn = [&](const std::string& of, std::uint32_t messages, std::uint32_t usual_messages,
                        std::chrono::milliseconds age, std::chrono::milliseconds usual_age) {
    const auto is_completed = [&](const auto& by) {
      return std::ranges::any_of(settings.namespaces, by);
    };
    const auto say = [&](const std::string& set, const std::string& why,
                         const std::string& missing) {
      out.push_back("defaults." + of + set + ": without effect, because " + why +
                    ": set defaults." + of + missing);
    };
    if (messages > 0 && messages != usual_messages && age.count() == 0 &&
        !is_completed([](const auto& space) { return space.history_age.has_value(); }))
      say("_history_messages", "they are kept for 0 seconds", "_history_seconds");
    if (age.count() > 0 && age != usual_age && messages == 0 &&
        !is_completed([](const auto& space) { return space.history_messages.has_value(); }))
      say("_history_seconds", "0 messages are kept", "_history_messages");
  };
  warn("room", ours.room_history_messages, untouched.room_history_messages, ours.room_history,
       untouched.room_history);
  warn("topic", ours.topic_history_messages, untouched.topic_history_messages, ours.topic_history,
       untouched.topic_history);
}

// Whether there is anybody whom all namespaces of that name may let do that.
bool is_for_anybody(const config& settings, action what, const std::string& name) {
  const auto rules = access_of(settings);
  const auto all = rules.all_of(name);
  if (all.empty())
    return settings.namespaces.empty();
  return std::ranges::all_of(all, [&](std::size_t index) {
    const auto& space = rules.namespaces()[index];
    const auto& given = space.grants[static_cast<std::size_t>(what)];
    if (given.general == grant::to::anyone && !is_personal(space))
      return true;
    return knows_tokens(settings.auth) && !given.is_to_nobody();
  });
}

// What a user finds who comes to his inbox.
void warn_of_inbox(const config& settings, std::vector<std::string>& out) {
  const auto& inbox = settings.server.inbox;
  if (inbox.empty())
    return;
  const auto say = [&](const std::string& what) {
    out.push_back("server.inbox " + in_quotes(inbox) + ": " + what);
  };
  if (!knows_tokens(settings.auth))
    return say("without effect, because auth has no " + std::string(needed_for_tokens) +
               ", so nobody is a user");
  const auto example = inbox_of(inbox, "u");
  if (!is_for_anybody(settings, action::subscribe, example))
    say("without effect, because no [[namespace]] lets anybody subscribe to it");
  const auto rules = access_of(settings);
  const auto* const its = rules.of(example);
  const auto& others = settings.defaults;
  if ((its && its->history_messages.value_or(others.topic_history_messages) == 0) ||
      (its && its->history_age.value_or(others.topic_history).count() == 0))
    say("what is sent to a user who is away is lost, because its [[namespace]] keeps no history");
}

// Keys that are fine by themselves, but not beside the others.
void warn_of_what_is_in_vain(const config& settings, std::vector<std::string>& out) {
  if (!settings.proxy.trusted.empty() && settings.proxy.protocol == proxy_protocol::none)
    out.push_back("proxy.trusted: without effect, because proxy.protocol is \"none\"");
  if (const auto idle = for_nats(settings); !idle.empty() && !settings.nats.wanted())
    out.push_back(idle + ": without effect, because there is no nats.url");
  if (const auto& room = settings.server.default_room;
      !room.empty() && !is_for_anybody(settings, action::join, room))
    out.push_back("server.default_room " + in_quotes(room) +
                  ": without effect, because no [[namespace]] lets anybody join it");
  warn_of_inbox(settings, out);
  const auto& log = settings.log;
  if (!log.trace_user.empty() && log.level > log_level::info)
    out.push_back("log.trace_user: without effect, because its lines have the level info, and "
                  "log.level is " +
                  std::string(log_level_names[static_cast<std::size_t>(log.level)]));
}

} // namespace

bool knows_tokens(const auth_config& auth) {
  return !auth.secret.empty() || !auth.public_key_file.empty() || !auth.jwks_file.empty();
}

std::vector<std::string> exposure_warnings(const config& settings) {
  std::vector<std::string> out;
  const bool tokens = knows_tokens(settings.auth);
  const std::string who =
    settings.auth.required ? "everybody with a valid token" : "EVERYBODY who reaches the port";
  if (settings.namespaces.empty())
    out.push_back("everything is open: " + who +
                  " may join every room, and subscribe and publish to every topic, because there "
                  "is no [[namespace]]");
  if (!tokens)
    out.push_back("nobody can prove who they are: auth has no " + std::string(needed_for_tokens));
  for (std::size_t i = 0; i < settings.namespaces.size(); ++i) {
    const auto& space = settings.namespaces[i];
    // Where tokens are required, anyone is somebody.
    const bool personal = is_personal(space);
    if (const auto actions = open_actions(space);
        !actions.empty() && !settings.auth.required && !personal)
      out.push_back(title(settings, i) + " is open to anyone: " + actions);
    if (!tokens && needs_tokens(space))
      out.push_back(title(settings, i) +
                    " grants something to roles, permissions or the authenticated: without tokens "
                    "nobody has any");
    if (space.by_pattern &&
        space.grants[static_cast<std::size_t>(action::subscribe)].is_to_nobody())
      out.push_back(title(settings, i) +
                    ": patterns is without effect, because nobody may subscribe");
    if (!tokens && !needs_tokens(space) && std::ranges::any_of(space.patterns, has_placeholder))
      out.push_back(title(settings, i) +
                    " has names of users: without tokens nobody is the user of any");
  }
  if (settings.debug.echo)
    out.push_back("debug.echo is on: /echo sends back whatever " + who +
                  " sends there; it is for tests of the protocol");
  warn_of_what_is_in_vain(settings, out);
  warn_of_unseen_presence(settings, out);
  warn_of_nothing_kept(settings, out);
  warn_of_half_a_history(settings, out);
  warn_of_shared_subjects(settings.bridge.publishes, out);
  return out;
}

} // namespace troupe
