#include "clients/cli/chat_view.hpp"

#include <utility>

namespace troupe_cli {

namespace tc = troupe_client;
using tc::json;

namespace {

std::string text_in(const json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string key_of(const json& person) {
  const auto user = text_in(person, "user_id");
  return user.empty() ? '.' + text_in(person, "from") : user;
}

std::string shown(const json& value) {
  return printable(value.is_string() ? value.get<std::string>() : value.dump());
}

} // namespace

void chat_view::told(std::string_view text) {
  if (takes_lines())
    out_.line(out_.painted(ink::dim, "* " + printable(text)));
  else
    out_.note(text);
}

void chat_view::missing(const std::string& what) {
  if (takes_lines())
    out_.line(out_.painted(ink::yellow, "* " + what));
  else
    out_.note(what);
}

void chat_view::message(const json& what, const std::string& own) {
  const bool mine = text_in(what, "from") == own;
  if (mine && out_.is_terminal() && !out_.is_capable())
    return; // it stands there as it was typed
  const auto name = printable(text_in(what, "user"));
  out_.line(out_.painted(ink::dim, local_time(text_in(what, "timestamp"))) + ' ' +
            out_.painted(mine ? ink::green : ink::cyan, name) + ": " +
            shown(what.value("message", json())));
}

void chat_view::show(const tc::frame& what, const std::string& own) {
  const auto type = what.type();
  if (type == "message")
    return message(what.content, own);
  if (type == "history") {
    for (const auto& each : what.content.value("messages", json::array()))
      if (text_in(each, "type") == "message")
        message(each, own);
    return;
  }
  if (type == "presence")
    return here(what);
  if (type == "presence_diff")
    return changed(what);
  if (type == "signal" || type == "error")
    return;
  if (type == "user_joined" || type == "user_left") {
    if (!told_who_)
      told(std::string(what.text_of("user")) + (type == "user_joined" ? " is here" : " has left"));
    return;
  }
  // Of another room type: as it came, without what is said elsewhere.
  auto rest = what.content;
  for (const auto* key : {"type", "room", "timestamp", "from", "user_id", "offset"})
    rest.erase(key);
  out_.line(out_.painted(ink::strong, printable(type)) + ' ' + printable(rest.dump()));
}

void chat_view::learn(const tc::frame& what) {
  if (what.type() == "presence")
    here(what);
  else if (what.type() == "presence_diff")
    changed(what);
}

void chat_view::here(const tc::frame& what) {
  const bool first = !std::exchange(told_who_, true) && !only_notes_;
  people_.clear();
  count_ = what.content.value("count", std::uint64_t{0});
  for (const auto& each : what.content.value("users", json::array()))
    people_[key_of(each)] = text_in(each, "user");
  if (first)
    list_people();
}

void chat_view::changed(const tc::frame& what) {
  count_ = what.content.value("count", count_);
  for (const auto& each : what.content.value("joins", json::array()))
    if (people_.insert_or_assign(key_of(each), text_in(each, "user")).second && !only_notes_)
      told(text_in(each, "user") + " is here");
  for (const auto& each : what.content.value("leaves", json::array()))
    if (people_.erase(key_of(each)) > 0 && !only_notes_)
      told(text_in(each, "user") + " has left");
}

void chat_view::list_people() {
  if (!told_who_)
    return told("it is not told who is here");
  std::string names;
  for (const auto& [key, name] : people_)
    names += (names.empty() ? ": " : ", ") + name;
  if (count_ > people_.size() && !people_.empty())
    names += ", and " + std::to_string(count_ - people_.size()) + " more";
  told(std::to_string(count_) + " here" + names);
}

} // namespace troupe_cli
