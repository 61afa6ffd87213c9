// A poll: one question at a time, one vote for each user, or for each connection that has no token;
// the result when the time is up.
//
//   {"type":"message","message":{"ask":"Lunch?","options":["pizza","soup"],"seconds":30}}
//   {"type":"message","message":{"vote":"pizza"}}
//
// Everybody is told `poll_opened`, `poll_votes` (how many have voted, not for what) and
// `poll_result`; who joins in between is told `poll_opened` too, with the seconds that are left. A
// later vote replaces an earlier one.
#include "server/rooms/poll_voters.hpp"
#include "server/rooms/rooms.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

constexpr std::size_t options_max = 20;
constexpr std::size_t text_bytes_max = 200;
constexpr int seconds_max = 3600;

struct question {
  std::string text;
  std::vector<std::string> options;
  std::chrono::seconds lasts{};
};

bool short_text(const json& value) {
  return value.is_string() && !value.get_ref<const std::string&>().empty() &&
         value.get_ref<const std::string&>().size() <= text_bytes_max;
}

result<question> read_question(const json& ask) {
  const auto options = ask.find("options");
  if (!short_text(ask.at("ask")))
    return fail(errc::bad_request, "'ask' must be a string of 1 to 200 bytes");
  if (options == ask.end() || !options->is_array() || options->size() < 2 ||
      options->size() > options_max || !std::all_of(options->begin(), options->end(), short_text))
    return fail(errc::bad_request, "'options' must be 2 to 20 strings of 1 to 200 bytes");
  const json seconds = ask.value("seconds", json(30));
  if (!seconds.is_number_integer() || seconds < 1 || seconds > seconds_max)
    return fail(errc::bad_request, "'seconds' must be an integer from 1 to 3600");
  question out{ask.at("ask"), *options, std::chrono::seconds(seconds.get<int>())};
  if (std::set<std::string>(out.options.begin(), out.options.end()).size() != out.options.size())
    return fail(errc::bad_request, "'options' must differ from each other");
  return out;
}

class poll_room final : public room_logic {
public:
  void on_join(room_context& room, const member& who) override {
    voters_.note(who);
    room_logic::on_join(room, who);
    if (asked_)
      room.send(who.connection, "poll_opened", opened(room.now()));
  }

  void on_identify(room_context&, const member&, const member& now) override { voters_.note(now); }

  void on_message(room_context& room, const member& from, std::string_view,
                  std::string_view content) override {
    // Without exceptions: content is JSON, but may hold a number that no double can.
    const json said = json::parse(content, nullptr, false);
    if (said.is_object() && said.contains("ask"))
      ask(room, from, said);
    else if (said.is_object() && said.contains("vote"))
      vote(room, from, said["vote"]);
    else
      room.refuse(from.connection, {errc::bad_request, "'message' must have 'ask' or 'vote'"});
  }

  void on_leave(room_context& room, const member& who) override {
    voters_.forget(who.connection);
    room_logic::on_leave(room, who);
  }

  void on_tick(room_context& room, std::uint32_t timer) override {
    if (!asked_ || timer != round_)
      return;
    room.broadcast("poll_result", result());
    asked_.reset();
    voters_.forget_votes();
  }

private:
  void ask(room_context& room, const member& from, const json& said) {
    if (asked_)
      return room.refuse(from.connection, {errc::bad_request, "A poll is open already"});
    auto read = read_question(said);
    if (!read)
      return room.refuse(from.connection, read.error());
    asked_ = *std::move(read);
    ends_ = room.now() + asked_->lasts;
    room.broadcast("poll_opened", opened(room.now()));
    room.after(asked_->lasts, ++round_);
  }

  void vote(room_context& room, const member& from, const json& choice) {
    if (!asked_)
      return room.refuse(from.connection, {errc::bad_request, "No poll is open"});
    const auto& options = asked_->options;
    const auto option = std::find(options.begin(), options.end(), choice);
    if (option == options.end())
      return room.refuse(from.connection, {errc::bad_request, "'vote' must be one of the options"});
    voters_.vote(from, static_cast<std::size_t>(option - options.begin()));
    json_fields fields;
    fields.number("votes", sum(voters_.counts(options.size()))).number("members", voters_.size());
    room.broadcast("poll_votes", fields);
  }

  static std::size_t sum(const std::vector<std::size_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  }

  json_fields opened(wall_time now) const {
    const auto left = std::clamp(std::chrono::ceil<std::chrono::seconds>(ends_ - now),
                                 std::chrono::seconds{0}, asked_->lasts);
    json_fields fields;
    fields.text("question", asked_->text)
      .raw("options", json(asked_->options).dump())
      .number("seconds", static_cast<std::uint64_t>(left.count()));
    return fields;
  }

  json_fields result() const {
    const auto counts = voters_.counts(asked_->options.size());
    json rows = json::array();
    for (std::size_t i = 0; i < counts.size(); ++i)
      rows.push_back({{"option", asked_->options[i]}, {"votes", counts[i]}});
    json_fields fields;
    fields.text("question", asked_->text).raw("result", rows.dump()).number("votes", sum(counts));
    return fields;
  }

  std::optional<question> asked_;
  wall_time ends_{}; // of what is asked
  poll_voters voters_;
  std::uint32_t round_ = 0;
};

} // namespace

std::unique_ptr<room_logic> make_poll_room() {
  return std::make_unique<poll_room>();
}

} // namespace troupe
