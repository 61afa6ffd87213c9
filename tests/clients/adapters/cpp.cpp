// The C++ client behind the lines of text by which the conformance tests drive every client:
// commands on standard input, replies and events on standard output, a JSON object each.
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <troupe_client/client.hpp>

#include <algorithm>
#include <iostream>
#include <istream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <malloc.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
namespace tc = troupe_client;
using tc::json;

using milliseconds = std::chrono::milliseconds;

class adapter {
public:
  explicit adapter(asio::io_context& io) : io_(io), input_(io, ::dup(STDIN_FILENO)) {}

  void read() {
    asio::async_read_until(input_, lines_, '\n',
                           [this](boost::system::error_code error, std::size_t) {
                             if (error) {
                               hearings_.clear();
                               client_.reset();
                               answers_.clear();
                               return;
                             }
                             take_lines();
                             read();
                           });
  }

private:
  // All that are there belong to one turn.
  void take_lines() {
    const auto bytes = lines_.data();
    const std::string_view text(static_cast<const char*>(bytes.data()), bytes.size());
    std::istream in(&lines_);
    for (auto left = std::ranges::count(text, '\n'); left > 0; --left) {
      std::string line;
      std::getline(in, line);
      take(json::parse(line));
    }
  }

  static void tell(const json& what) {
    std::cout << what.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
  }

  static void reply(const json& n, json result = json::object()) {
    tell({{"n", n}, {"result", std::move(result)}});
  }

  static void reply(const json& n, const tc::failure& why) {
    json error{{"code", why.name}, {"message", why.message}};
    if (why.retry_after.count() > 0)
      error["retry_after_ms"] = why.retry_after.count();
    tell({{"n", n}, {"error", std::move(error)}});
  }

  static json shown(const tc::position& at) {
    return at.epoch.empty() ? json::object() : json{{"epoch", at.epoch}, {"offset", at.offset}};
  }
  static json shown(const json& frame) { return frame; }

  // Replies with what an operation ends with.
  static auto replying(const json& n) {
    return [n](const auto& ended) {
      if (!ended)
        return reply(n, ended.error());
      if constexpr (requires { shown(*ended); })
        reply(n, shown(*ended));
      else
        reply(n);
    };
  }

  void take(const json& command) {
    const auto what = command.at("do").get<std::string>();
    const auto& n = command.at("n");
    if (what == "open")
      open(command, n);
    else if (what == "token")
      answer_token(command, n);
    else if (what == "memory")
      memory(n);
    else if (what == "clock")
      reply(n); // this client does not look at the wall clock
    else if (what == "close")
      client_->close(replying(n));
    else if (what == "rpc")
      call(command, n);
    else if (what == "hear")
      hear(command, n);
    else if (what == "unhear")
      unhear(command, n);
    else if (what == "throw")
      throwing(command, n);
    else
      ask(what, command, n);
  }

  static tc::options options_of(const json& command) {
    tc::options out;
    out.user = command.value("user", std::string());
    const auto given = command.value("options", json::object());
    const auto set = [&given](const char* key, auto& into) {
      if (given.contains(key))
        into = milliseconds(given[key].get<std::int64_t>());
    };
    set("base_ms", out.base);
    set("max_ms", out.max);
    set("attempt_ms", out.attempt);
    set("reset_ms", out.reset);
    set("ping_ms", out.ping);
    set("dead_ms", out.dead);
    set("deadline_ms", out.deadline);
    set("leave_ms", out.leave);
    out.waiting_max = given.value("waiting_max", out.waiting_max);
    if (given.value("offline", std::string()) == "reject")
      out.offline = tc::when_offline::reject;
    return out;
  }

  void open(const json& command, const json& n) {
    auto with = options_of(command);
    if (command.value("provider", false))
      with.token = tc::token_provider([this](std::string_view reason, tc::token_answer answer) {
        answers_.emplace(++calls_, std::move(answer));
        tell({{"event", "token_wanted"}, {"call", calls_}, {"reason", reason}});
      });
    else if (command.contains("token") && command["token"].is_string())
      with.token = command["token"].get<std::string>();
    reply(n);
    client_.emplace(io_.get_executor(), command.at("url").get<std::string>(), std::move(with),
                    tc::events{.state = show_state,
                               .frame =
                                 [](const tc::frame_ptr& what) {
                                   tell({{"event", "frame"}, {"frame", what->content}});
                                 },
                               .error =
                                 [](const std::string& what) {
                                   tell({{"event", "reported"}, {"message", what}});
                                 }});
  }

  static void show_state(const tc::state& now) {
    json out{{"event", "state"}, {"state", tc::name_of(now.is)}};
    if (now.is == tc::phase::waiting)
      out["delay_ms"] = now.delay.count();
    if (now.code != 0)
      out["code"] = now.code;
    if (!now.reason.empty())
      out["reason"] = now.reason;
    tell(out);
  }

  void answer_token(const json& command, const json& n) {
    const auto found = answers_.find(command.at("call").get<unsigned>());
    if (found == answers_.end())
      throw std::runtime_error("no such call of the provider");
    const auto answer = std::move(found->second);
    answers_.erase(found);
    if (command.contains("fail"))
      answer(tc::token_reply::failed(command["fail"].get<std::string>()));
    else if (command.value("stop", false))
      answer(tc::token_reply::ended("stopped"));
    else
      answer(tc::token_reply::of(command.at("token").get<std::string>()));
    reply(n);
  }

  void memory(const json& n) {
    ::malloc_trim(0);
    reply(n, {{"heap", ::mallinfo2().uordblks}, {"timers", client_ ? client_->timers() : 0}});
  }

  // `room:r`, `topic:t` or `pattern:p`
  static std::string key_of(const json& command) {
    for (const auto* kind : {"room", "topic", "pattern"})
      if (command.contains(kind))
        return std::string(kind) + ':' + command[kind].get<std::string>();
    throw std::runtime_error("no room, topic or pattern");
  }

  template <class Do>
  void with_handle(const json& command, Do then) {
    const auto key = key_of(command);
    const auto name = key.substr(key.find(':') + 1);
    if (key.starts_with("room:"))
      then(client_->room(name));
    else
      then(client_->topic(name));
  }

  void call(const json& command, const json& n) {
    client_->rpc(command.at("service"), command.at("method"), command.value("params", json()),
                 [n](const tc::result<json>& result) {
                   result ? reply(n, {{"result", *result}}) : reply(n, result.error());
                 });
  }

  void hear(const json& command, const json& n) {
    const auto key = key_of(command);
    tc::listener calls{
      .heard =
        [key](const tc::frame_ptr& what) {
          tell({{"event", "heard"}, {"on", key}, {"frame", what->content}});
        },
      .gap =
        [key](const tc::frame_ptr& what) {
          tell({{"event", "gap"}, {"on", key}, {"frame", what->content}});
        },
      .position =
        [key](const tc::standing& at) {
          json out{{"event", "position"}, {"on", key}, {"recovered", at.recovered}};
          out.update(shown(at.at));
          tell(out);
        },
      .ended =
        [key](const tc::failure& why) {
          tell({{"event", "ended"}, {"on", key}, {"code", why.name}, {"message", why.message}});
        }};
    with_handle(command, [&](const auto& handle) {
      auto& heard = hearings_[key].emplace_back(
        handle.listen(std::move(calls), command.value("presence", false)));
      heard.confirmed(
        [n](const tc::result<tc::position>& at) { at ? reply(n) : reply(n, at.error()); });
    });
  }

  void unhear(const json& command, const json& n) {
    auto& heard = hearings_[key_of(command)];
    if (!heard.empty())
      heard.pop_back();
    if (heard.empty())
      hearings_.erase(key_of(command));
    reply(n);
  }

  void throwing(const json& command, const json& n) {
    with_handle(command, [&](const auto& handle) {
      hearings_["throw:" + key_of(command)].push_back(handle.listen(
        {.heard = [](const tc::frame_ptr&) { throw std::runtime_error("thrown on purpose"); }}));
    });
    reply(n);
  }

  static tc::send_options send_options_of(const json& command) {
    tc::send_options out;
    out.event = command.value("event", std::string());
    const auto given = command.value("options", json::object());
    out.except_me = given.value("except_me", false);
    out.ttl = milliseconds(given.value("ttl_ms", std::int64_t{0}));
    out.msg_id = given.value("msg_id", std::string());
    out.user = given.value("user", std::string());
    if (given.contains("to"))
      out.to_role = given["to"].value("role", std::string());
    return out;
  }

  void ask(const std::string& what, const json& command, const json& n) {
    if (what == "say")
      return client_->room(command.at("room"))
        .say(command.at("message"), send_options_of(command), replying(n));
    if (what == "publish")
      return client_->topic(command.at("topic"))
        .publish(command.at("data"), send_options_of(command), replying(n));
    with_handle(command, [&](const auto& handle) {
      if (what == "signal")
        handle.signal(command.at("data"), replying(n));
      else if (what == "set_presence")
        handle.set_presence(command.at("state"), replying(n));
      else if (what == "presence")
        handle.presence(
          {.limit = command.value("limit", 0u), .after = command.value("after", std::string())},
          replying(n));
      else if (what == "history")
        handle.history({.limit = command.value("limit", 0u),
                        .before = number(command, "before"),
                        .after = number(command, "after")},
                       replying(n));
      else
        throw std::runtime_error("no such command: " + what);
    });
  }

  static std::optional<std::uint64_t> number(const json& command, const char* key) {
    return command.contains(key) ? std::optional(command[key].get<std::uint64_t>()) : std::nullopt;
  }

  asio::io_context& io_;
  asio::posix::stream_descriptor input_;
  asio::streambuf lines_{};
  std::optional<tc::client> client_{};
  std::map<unsigned, tc::token_answer> answers_{};
  unsigned calls_ = 0;
  std::map<std::string, std::vector<tc::hearing>> hearings_{};
};

} // namespace

int main() {
  asio::io_context io(1);
  adapter here(io);
  here.read();
  io.run();
}
