#include "server/explain.hpp"

#include "server/config/access_of.hpp"
#include "server/config/exposure.hpp"
#include "server/log/printable.hpp"
#include "troupe/wire/names.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace troupe {

namespace {

constexpr std::string_view rpc_word = "rpc";
constexpr std::string_view claim_prefix = "claim.";

struct asked {
  std::string what; ///< one of `action_names`, or `rpc`
  std::string name;
};

struct question {
  std::optional<identity> who; ///< none: anonymous
  std::vector<asked> all;
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    out.emplace_back(part);
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return out;
}

text_result<asked> read_action(const std::string& what, const std::string& name) {
  if (what == rpc_word) {
    const auto dot = name.find('.');
    if (!valid_rpc_name(name.substr(0, dot)) || dot == std::string::npos ||
        !valid_rpc_name(name.substr(dot + 1)))
      return fail("rpc: expected SERVICE.METHOD, got " + in_quotes(name));
  } else if (std::ranges::find(action_names, what) == std::end(action_names)) {
    return fail("expected user, roles, permissions, claim.NAME, subscribe, publish, join, "
                "presence, history or "
                "rpc before =, got " +
                in_quotes(what));
  } else if (!valid_name(name)) {
    return fail(what + ": expected the name of a topic or room, got " + in_quotes(name));
  }
  return asked{what, name};
}

text_result<question> read_question(const std::vector<std::string>& words) {
  question out;
  identity who;
  bool has_more = false;
  for (const auto& word : words) {
    const auto equals = std::min(word.find('='), word.size());
    const auto key = word.substr(0, equals);
    const auto value = word.substr(std::min(equals + 1, word.size()));
    has_more = has_more || key == "roles" || key == "permissions" || key.starts_with(claim_prefix);
    if (key == "user")
      who.user_id = who.username = value;
    else if (key == "roles")
      who.roles = split(value);
    else if (key == "permissions")
      who.permissions = split(value);
    else if (key.starts_with(claim_prefix) && key.size() > claim_prefix.size())
      who.claims.emplace_back(key.substr(claim_prefix.size()), value);
    else if (auto action = read_action(key, value))
      out.all.push_back(*std::move(action));
    else
      return fail(std::move(action).error());
  }
  if (who.user_id.empty() && has_more)
    return fail("roles, permissions and claims: only a user has any, say user=ID");
  if (out.all.empty())
    return fail("expected something to explain, such as subscribe=orders.new");
  if (!who.user_id.empty())
    out.who = std::move(who);
  return out;
}

// The place and name of the value of `key`, or of the table it is missing from.
std::string place(const value_origins& origins, const std::string& table, std::string_view key) {
  auto whole = table + '.' + std::string(key);
  const bool written = origins.of(whole) != nullptr;
  auto at = origins.about(written ? whole : table, {});
  at.key = std::move(whole);
  return to_string(at);
}

// `written`: the file has a value for the action.
std::string reason(const judgement& said, bool written, bool anonymous) {
  using kind = judgement::kind;
  switch (said.why) {
  case kind::another:
    return in_quotes(said.pattern) +
           (anonymous ? " is not this name without a token" : " is not this name for this user");
  case kind::denied:
    return "denies role " + in_quotes(said.word);
  case kind::anyone:
    return "allows anyone";
  case kind::authenticated:
    return "allows everybody with a token";
  case kind::role:
    return "allows role " + in_quotes(said.word);
  case kind::permission:
    return "allows by permission " + in_quotes(said.word);
  case kind::nobody:
    return written ? "allows nobody" : "is left out: nobody may";
  case kind::not_granted:
    break;
  }
  return anonymous ? "does not allow it without a token" : "does not allow it to this user";
}

// The key that decides.
std::string_view decided_by(const judgement& said, const std::string& action) {
  if (said.why == judgement::kind::another)
    return "match";
  return said.why == judgement::kind::denied ? std::string_view("deny") : action;
}

struct answer {
  bool allowed = false;
  std::string lines{};

  void say(const std::string& what) { lines += "  " + what + '\n'; }
};

answer explain_name(const asked& what, const config& settings, const value_origins& origins,
                    const identity* who) {
  answer out;
  const auto number = std::ranges::find(action_names, what.what) - std::begin(action_names);
  const auto action = static_cast<troupe::action>(number);
  const auto rules = access_of(settings);
  const auto matching = rules.judge(action, what.name, who);
  if (matching.empty())
    out.say(settings.namespaces.empty()
              ? "everything is open, because there is no [[namespace]]"
              : "no [[namespace]] matches, and what none matches is closed");
  const std::size_t of_inbox = inbox_namespace(settings) ? 1 : 0;
  for (const auto& [index, said] : matching) {
    if (index < of_inbox) {
      out.say(to_string(origins.about("server.inbox", reason(said, false, who == nullptr))));
      continue;
    }
    const auto table = "namespace[" + std::to_string(index - of_inbox) + ']';
    const bool written = origins.of(table + '.' + what.what) != nullptr;
    const bool by_placeholder = said.allows() && !said.pattern.empty();
    out.say(place(origins, table, decided_by(said, what.what)) +
            reason(said, written, who == nullptr) +
            (by_placeholder ? ", by " + in_quotes(said.pattern) : ""));
  }
  out.allowed = rules.allow(action, what.name, who);
  return out;
}

answer explain_rpc(const asked& what, const config& settings, const value_origins& origins,
                   const identity* who) {
  answer out;
  const auto dot = what.name.find('.');
  const rpc_rules rules(settings.rpc_allow);
  const auto service = what.name.substr(0, dot), method = what.name.substr(dot + 1);
  const auto* rule = rules.find(service, method, who);
  bool named = false;
  for (const auto& each : rules.all()) {
    if (each.service != service || (each.method != "*" && each.method != method))
      continue;
    named = true;
    const auto table = "rpc.allow[" + std::to_string(&each - rules.all().data()) + ']';
    out.say(to_string(origins.about(table, &each == rule    ? "allows it"
                                           : each.lets(who) ? "would allow it as well"
                                                            : "does not allow it to this caller")));
  }
  if (!named)
    out.say("no [[rpc.allow]] is about it, and what none allows is refused");
  if (rule && !settings.nats.wanted())
    out.say("but there is no nats.url: calls are answered with unavailable");
  out.allowed = rule != nullptr && settings.nats.wanted();
  return out;
}

} // namespace

text_result<std::string> explain(const config& settings, const value_origins& origins,
                                 const std::vector<std::string>& words) {
  const auto read = read_question(words);
  if (!read)
    return fail(read.error());
  const identity* who = read->who ? &*read->who : nullptr;
  const auto name = who ? "user " + in_quotes(who->user_id) : std::string("an anonymous client");
  std::string out;
  for (const auto& each : read->all) {
    answer said;
    if (!who && settings.auth.required)
      said.say(to_string(origins.about("auth.required", "lets nobody in without a token")));
    else if (who && !knows_tokens(settings.auth))
      said.say("nobody can be a user, because auth has no " + std::string(needed_for_tokens));
    else
      said = each.what == rpc_word ? explain_rpc(each, settings, origins, who)
                                   : explain_name(each, settings, origins, who);
    out += each.what + '=' + each.name + ": " + (said.allowed ? "allowed to " : "refused to ") +
           name + '\n' + said.lines;
  }
  return out;
}

} // namespace troupe
