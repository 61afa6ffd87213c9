#include "clients/cli/session.hpp"

#include <algorithm>
#include <utility>

namespace troupe_cli {

namespace tc = troupe_client;

namespace {

class subscriber {
public:
  explicit subscriber(const sub_command& wanted)
    : session_("troupe sub", wanted.to),
      wanted_(wanted),
      lines_(wanted.to.json || !session_.out().is_terminal()),
      unconfirmed_(wanted.topics.size()) {
    session_.on_end([this] {
      ended_ = true;
      hearings_.clear();
    });
    for (const auto& name : wanted.topics)
      listen(name);
  }

  int run() { return session_.run(); }

private:
  void listen(const std::string& name) {
    const auto show = [this](const tc::frame_ptr& what) { print(what); };
    auto& heard = hearings_.emplace_back(session_.server().topic(name).listen(
      {.heard = show,
       .gap = show,
       .position =
         [this, name](const tc::standing& at) {
           if (!at.recovered)
             session_.out().note("something may be missing of " + name);
         },
       .ended = [this, name](
                  const tc::failure& why) { session_.fail("cannot listen to " + name, why); }}));
    heard.confirmed([this, name](const tc::result<tc::position>& at) {
      if (!at) {
        if (!ended_)
          session_.fail("cannot listen to " + name, at.error());
        return;
      }
      if (--unconfirmed_ == 0)
        session_.out().note("listening");
    });
  }

  void print(const tc::frame_ptr& what) {
    if (ended_ || is_repeated(what))
      return;
    if (!session_.out().line(lines_ ? one_line(what->text) : shown(*what)))
      return session_.end(1); // nobody reads any more
    if (++printed_ == wanted_.count)
      session_.end(0);
  }

  // Who listens to a topic by its name and by a pattern too hears it twice, one right after the
  // other.
  bool is_repeated(const tc::frame_ptr& what) { return std::exchange(last_, what) == what; }

  std::string shown(const tc::frame& what) const {
    const auto& out = session_.out();
    auto line = out.painted(ink::dim, local_time(what.text_of("timestamp"))) + ' ' +
                out.painted(ink::cyan, what.text_of("topic"));
    if (what.type() == "gap")
      return line + ' ' +
             out.painted(ink::yellow, "messages are missing here: " +
                                        what.content.value("dropped", tc::json(1)).dump());
    if (what.type() != "publication")
      line += ' ' + out.painted(ink::strong, printable(what.type()));
    return line + ' ' + printable(content_of(what));
  }

  // Under `data`, or shaped by a rule of the server: then all that is not said elsewhere.
  static std::string content_of(const tc::frame& what) {
    if (const auto data = what.content.find("data"); data != what.content.end())
      return data->is_string() ? data->get<std::string>() : data->dump();
    auto rest = what.content;
    for (const auto* key : {"type", "topic", "timestamp", "from", "user_id", "offset", "prev"})
      rest.erase(key);
    return rest.dump();
  }

  session session_;
  const sub_command& wanted_;
  bool lines_;
  std::size_t unconfirmed_;
  std::vector<tc::hearing> hearings_{};
  std::uint64_t printed_ = 0;
  tc::frame_ptr last_{};
  bool ended_ = false;
};

} // namespace

int run_sub(const sub_command& wanted) {
  return subscriber(wanted).run();
}

} // namespace troupe_cli
