#include "clients/cli/chat_view.hpp"
#include "clients/cli/line_reader.hpp"
#include "clients/cli/session.hpp"

#include <algorithm>
#include <vector>

namespace troupe_cli {

namespace tc = troupe_client;

namespace {

constexpr std::string_view help =
  "/who lists who is here, /quit (or the end of input) leaves; //text says /text";

class chat {
public:
  explicit chat(const chat_command& wanted)
    : session_("troupe chat", wanted.to),
      wanted_(wanted),
      room_(session_.server().room(wanted.room)),
      view_(session_.out(), wanted.to.json),
      input_(session_.loop()) {
    session_.on_end([this] {
      ended_ = true;
      heard_.leave();
      input_.stop();
    });
    session_.on_frame([this](const tc::frame_ptr& what) { announced(what); });
    heard_ = room_.listen(
      {.heard = [this](const tc::frame_ptr& what) { take(what); },
       .gap = [this](const tc::frame_ptr& what) { gap(what); },
       .position = [this](const tc::standing& at) { back(at); },
       .ended = [this](const tc::failure& why) { session_.fail("out of the room", why); }},
      true);
    heard_.confirmed([this](const tc::result<tc::position>& at) {
      if (at)
        entered(*at);
      else if (!ended_)
        session_.fail("cannot enter " + wanted_.room, at.error());
    });
  }

  int run() { return session_.run(); }

private:
  // What is said meanwhile is shown behind what was said before.
  void entered(const tc::position& at) {
    if (session_.out().is_terminal() && !wanted_.to.json)
      session_.out().note("in " + wanted_.room + "; " + std::string(help));
    if (at.offset == 0)
      return caught_up();
    room_.history_frame({.limit = 20, .before = at.offset + 1},
                        [this](const tc::result<tc::frame_ptr>& page) {
                          if (page) // where there is none, or it may not be seen, none is shown
                            show(**page);
                          caught_up();
                        });
  }

  void caught_up() {
    caught_up_ = true;
    for (const auto& each : std::exchange(held_, {}))
      show(*each);
    listen_to_input();
  }

  void take(const tc::frame_ptr& what) {
    if (what->type() == "history" && !caught_up_)
      return; // the server's greeting: it is asked for anyway
    if (caught_up_)
      show(*what);
    else
      held_.push_back(what);
  }

  void show(const tc::frame& what) {
    if (!wanted_.to.json)
      return view_.show(what, session_.own_id());
    if (what.type() == "error") // about what was asked: nothing that is said or happens
      return session_.out().note(std::string(what.text_of("message")));
    view_.learn(what);
    if (!session_.out().line(one_line(what.text)))
      session_.end(1); // nobody reads any more
  }

  void announced(const tc::frame_ptr& what) {
    if (wanted_.to.json)
      show(*what);
    else if (what->type() == "announcement")
      session_.out().note("announcement: " + std::string(what->text_of("text")));
  }

  void gap(const tc::frame_ptr& what) {
    if (wanted_.to.json)
      return show(*what);
    view_.missing(what->content.value("expired", false) ? "messages were deleted here"
                                                        : "messages are missing here");
  }

  void back(const tc::standing& at) {
    if (!at.recovered)
      view_.missing("messages may be missing here");
  }

  void listen_to_input() {
    input_.next([this](std::optional<std::string> line) {
      if (ended_)
        return;
      if (!line) {
        closing_ = true;
        return end_when_said();
      }
      typed(*line);
      if (!closing_)
        listen_to_input();
    });
  }

  void typed(const std::string& line) {
    if (line.find_first_not_of(" \t") == std::string::npos)
      return;
    if (line == "/who")
      return view_.list_people();
    if (line == "/help" || line == "/?")
      return session_.out().note(help);
    if (line == "/quit") {
      closing_ = true;
      return end_when_said();
    }
    if (line.front() == '/' && !line.starts_with("//"))
      return session_.out().note("no such command; " + std::string(help));
    session_.out().erase_typed_line();
    ++unsaid_;
    room_.say(line.starts_with("//") ? line.substr(1) : line,
              [this](const tc::result<tc::position>& at) {
                --unsaid_;
                if (!at && at.error().code != tc::errc::closed) {
                  failed_ = true;
                  session_.out().note(
                    "not said: " + at.error().message +
                    (at.error().retry_after.count() > 0 ? "; try again in a moment" : ""));
                }
                end_when_said();
              });
  }

  void end_when_said() {
    if (closing_ && unsaid_ == 0 && !ended_)
      session_.end(failed_ && !session_.out().is_terminal() ? 1 : 0);
  }

  session session_;
  const chat_command& wanted_;
  tc::room_handle room_;
  chat_view view_;
  line_reader input_;
  tc::hearing heard_{};
  std::vector<tc::frame_ptr> held_{};
  std::size_t unsaid_ = 0;
  bool caught_up_ = false;
  bool closing_ = false;
  bool failed_ = false;
  bool ended_ = false;
};

} // namespace

int run_chat(const chat_command& wanted) {
  return chat(wanted).run();
}

} // namespace troupe_cli
