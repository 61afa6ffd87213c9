// Any three parts, divided by zero bytes, as a template, a subject and a payload: whatever a rule
// makes of an event is a frame that is JSON, for somebody with a valid name; and whatever goes out
// has a valid subject that begins as its rule says. The same as a method, a correlation and a
// payload of a service's request, or of its answer: what comes back is JSON.
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/json_reference.hpp"
#include "troupe/bus/bridge_rule.hpp"
#include "troupe/bus/publish_rule.hpp"
#include "troupe/bus/service_calls.hpp"
#include "troupe/bus_messages.hpp"
#include "troupe/json/utf8.hpp"
#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/names.hpp"
#include "troupe/wire/rpc_frames.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>

namespace troupe {
namespace {

using test::check;

constexpr std::size_t bytes_max = 4096;

std::string_view take(std::string_view& text) {
  const auto end = std::min(text.find('\0'), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

void look_at(const bridge_rule& rule, const bridged& event, std::string_view payload) {
  check(payload.size() <= bytes_max, "nothing longer than it may be");
  const auto frame = test::judge("{\"type\":\"x\"" + event.members + "}");
  check(frame.accepted || frame.overflow, "a frame is JSON");
  check(valid_event(event.type), "a type is one");
  if (event.to == bridge_target::everyone)
    check(event.name.empty() && (rule.to == event.to || rule.or_everyone), "everyone has no name");
  else if (event.to == bridge_target::topic || event.to == bridge_target::room)
    check(valid_name(event.name), "a topic or room has a valid name");
  else
    check(valid_user_id(event.name, admin::id_bytes_max), "a user or role has a valid name");
}

void come_in(const bridge_template& holes, std::string_view subject, std::string_view payload) {
  bridge_rule rule{"a.*.>"};
  for (const auto to : {bridge_target::topic, bridge_target::room, bridge_target::user,
                        bridge_target::role, bridge_target::everyone})
    for (const auto content :
         {bridge_content::json, bridge_content::text, bridge_content::base64}) {
      rule.to = to;
      rule.payload = content;
      rule.name = rule.type = holes;
      rule.or_everyone = to == bridge_target::user;
      rule.fields.clear();
      if (content == bridge_content::json && to != bridge_target::topic)
        rule.fields = {{"a"}, {"b", "c"}};
      rule.data = rule.fields.empty() || to == bridge_target::user;
      if (const auto event = shape(rule, subject, payload, bytes_max))
        look_at(rule, *event, payload);
    }
}

void go_out(const bridge_template& holes, std::string_view name) {
  if (holes.head().find('.') == std::string_view::npos)
    return;
  for (const auto what : {tapped_event::kind::message, tapped_event::kind::publication,
                          tapped_event::kind::occupied}) {
    publish_rule rule;
    rule.from = what == tapped_event::kind::message       ? publish_rule::source::rooms
                : what == tapped_event::kind::publication ? publish_rule::source::topics
                                                          : publish_rule::source::life_cycle;
    rule.pattern = ">";
    rule.subject = holes;
    tapped_event event;
    event.what = what;
    event.name = name;
    std::string subject;
    if (!subject_of(rule, event, subject) || !valid_subject(subject))
      continue;
    check(subject.starts_with(holes.head()), "a subject begins as its rule says");
    check(subject.find_first_of("*> \r\n") == std::string::npos, "no subject has a wildcard");
    if (what == tapped_event::kind::occupied && valid_utf8(name))
      check(nlohmann::json::accept(life_cycle_payload(event, wall_time{})), "it is told as JSON");
  }
}

void be_asked(std::string_view method, std::string_view correlation, std::string_view payload) {
  const auto asked = service::read_request(method, payload, correlation, limits{}, correlation);
  const auto answer = asked.what
                        ? service::result_answer("{}", wall_time{}, asked.correlation)
                        : service::error_answer(asked.what.error(), wall_time{}, asked.correlation);
  check(test::judge(answer).accepted, "an answer to a service is JSON");
}

void be_answered(std::string_view payload) {
  const auto result = read_rpc_answer(payload, bytes_max);
  if (!result) {
    const auto& message = result.error().message;
    check(message.size() <= 600 && valid_utf8(message), "an error is short and UTF-8");
    return;
  }
  const auto judged = test::judge(*result);
  check(judged.accepted || judged.overflow, "a result is JSON");
}

} // namespace
} // namespace troupe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto source = take(text);
  const auto subject = take(text);
  be_asked(source, subject, text);
  be_answered(text);
  const auto holes = bridge_template::parse(source);
  captured wildcards;
  if (capture(source, subject, wildcards))
    check(wildcards.tokens.size() == wildcards_of(source).tokens, "a token for each wildcard");
  if (!holes)
    return 0;
  come_in(*holes, subject, text);
  go_out(*holes, subject);
  return 0;
}
