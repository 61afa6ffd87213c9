// The load generator against a server that loses, doubles or swaps one message on purpose:
// whoever trusts "missing 0, doubled 0" must know that it can say something else.
#include "bench/load/conductor.hpp"
#include "bench/load/settings.hpp"
#include "bench/load/websocket.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::bench {
namespace {

enum class fault { none, lose, twice, swap, cut, refuse, hang_up };

// Serves one client, echoing; the one with the sequence number 7 meets the fault. Runs in
// its own process until killed.
class faulty_server {
public:
  explicit faulty_server(fault what) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener, 16), 0);
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    pid_ = fork();
    if (pid_ == 0) {
      signal(SIGPIPE, SIG_IGN);
      serve(accept(listener, nullptr, nullptr), what);
      pause();
      _exit(0);
    }
    close(listener);
  }

  ~faulty_server() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  std::string url() const { return "ws://127.0.0.1:" + std::to_string(port_) + "/x"; }
  pid_t pid() const { return pid_; }

private:
  static void put(int fd, std::string_view bytes) {
    EXPECT_EQ(write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  static void serve(int fd, fault what) {
    std::string input;
    std::string held;
    char bytes[4096];
    bool upgraded = false;
    for (ssize_t got = 0; (got = read(fd, bytes, sizeof bytes)) > 0;) {
      input.append(bytes, static_cast<std::size_t>(got));
      if (!upgraded && input.find("\r\n\r\n") != std::string::npos) {
        put(fd, what == fault::refuse ? "HTTP/1.1 403 Forbidden\r\n\r\n"
                                      : "HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: " +
                                          handshake_accept(handshake_key) + "\r\n\r\n");
        input.erase(0, input.find("\r\n\r\n") + 4);
        upgraded = true;
      }
      while (const auto head = read_frame_head(input.data(), input.size())) {
        const auto size = static_cast<std::size_t>(head->payload_size);
        if (!upgraded || input.size() < head->head_size + size)
          break;
        auto payload = input.substr(head->head_size, size);
        apply_mask(payload.data(), size, head->mask);
        input.erase(0, head->head_size + size);
        answer(fd, payload, what, held);
      }
    }
  }

  static void answer(int fd, const std::string& payload, fault what, std::string& held) {
    std::string frame;
    append_frame(frame, opcode::text, payload, std::nullopt);
    const bool special = payload.find(" 7 ") != std::string::npos;
    if (special && what == fault::hang_up) {
      close(fd);
    } else if (special && what == fault::swap) {
      held = frame;
    } else if (special && what == fault::cut) {
      // Not a fault: a stream of messages cut into frames in the middle of one.
      const auto middle = payload.find('~') + 9;
      frame.clear();
      append_frame(frame, opcode::text, payload.substr(0, middle), std::nullopt);
      append_frame(frame, opcode::continuation, payload.substr(middle), std::nullopt);
      put(fd, frame);
    } else if (!special || what != fault::lose) {
      put(fd, frame + (special && what == fault::twice ? frame : "") + held);
      held.clear();
    }
  }

  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

report run_against(fault what, std::uint32_t window) {
  const faulty_server server{what};
  settings s;
  s.mode = "fanout";
  s.url = server.url();
  s.connections = 1;
  s.rate = window == 0 ? 200 : 0;
  s.window = window == 0 ? 1 : window;
  s.warmup = 0;
  s.duration = .3;
  s.drain = .3;
  s.pids = {server.pid()};
  const auto p = make_plan(s);
  return conductor{p}.conduct();
}

TEST(faults, an_honest_server_passes) {
  const auto r = run_against(fault::none, 0);
  EXPECT_TRUE(r.passed()) << testing::PrintToString(r.problems);
  EXPECT_EQ(r.results->latency.count(), 60u);
  EXPECT_EQ(r.results->delivered_ever, 60u);
}

TEST(faults, so_does_one_that_cuts_messages) {
  const auto r = run_against(fault::cut, 0);
  EXPECT_TRUE(r.passed()) << testing::PrintToString(r.problems);
  EXPECT_EQ(r.results->delivered_ever, 60u);
}

TEST(faults, a_lost_message_is_missing) {
  const auto r = run_against(fault::lose, 0);
  EXPECT_FALSE(r.passed());
  EXPECT_EQ(r.results->missing, 1u);
  EXPECT_EQ(r.results->doubled + r.results->disordered, 0u);
}

TEST(faults, a_lost_message_does_not_stop_a_flat_out_run) {
  const auto r = run_against(fault::lose, 4);
  EXPECT_FALSE(r.passed());
  EXPECT_EQ(r.results->missing, 1u);
  EXPECT_GT(r.results->delivered_ever, 50u);
}

TEST(faults, a_doubled_message_is_doubled) {
  const auto r = run_against(fault::twice, 0);
  EXPECT_FALSE(r.passed());
  EXPECT_EQ(r.results->doubled, 1u);
  EXPECT_EQ(r.results->missing + r.results->disordered, 0u);
}

TEST(faults, swapped_messages_are_out_of_order) {
  const auto r = run_against(fault::swap, 0);
  EXPECT_FALSE(r.passed());
  EXPECT_EQ(r.results->disordered, 1u);
  EXPECT_EQ(r.results->missing + r.results->doubled, 0u);
}

TEST(faults, a_refusal_and_a_hang_up_are_reported) {
  for (const auto what : {fault::refuse, fault::hang_up}) {
    const auto r = run_against(what, 0);
    EXPECT_FALSE(r.passed());
    EXPECT_FALSE(r.problems.empty());
  }
}

} // namespace
} // namespace troupe::bench
