// What a connection has read: the answer to the handshake, frames, HTTP responses.
#include "socket_pool.hpp"

#include <cstdlib>
#include <string>

namespace troupe::bench {

namespace {
constexpr std::size_t frame_bytes_max = 64 * 1024 * 1024;
} // namespace

std::size_t socket_pool::parse(std::uint32_t link, char* data, std::size_t size) {
  if (links_[link].words->request.empty())
    return parse_response(link, {data, size});
  if (links_[link].at != stage::upgrading)
    return parse_frames(link, data, size);
  const auto head = parse_upgrade(link, {data, size});
  if (head == 0 || links_[link].fd < 0)
    return head;
  return head + parse_frames(link, data + head, size - head);
}

std::size_t socket_pool::parse_upgrade(std::uint32_t link, std::string_view data) {
  const auto end = data.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return 0;
  const auto head = data.substr(0, end + 2);
  if (!head.starts_with("HTTP/1.1 101")) {
    fail(link, head.substr(0, head.find("\r\n")));
    return end + 4;
  }
  if (header_value(head, "Sec-WebSocket-Accept") != expected_accept_) {
    fail(link, "wrong Sec-WebSocket-Accept");
    return end + 4;
  }
  const auto& words = *links_[link].words;
  if (!words.hello.empty())
    send(link, words.hello);
  if (words.await.empty() || links_[link].deaf)
    opened(link);
  else
    links_[link].at = stage::awaiting;
  return end + 4;
}

std::size_t socket_pool::parse_frames(std::uint32_t link, char* data, std::size_t size) {
  std::size_t used = 0;
  while (const auto head = read_frame_head(data + used, size - used)) {
    if (head->compressed || head->masked || head->payload_size > frame_bytes_max) {
      fail(link, "a frame that this client did not agree to");
      return size;
    }
    if (size - used - head->head_size < head->payload_size)
      break;
    const auto payload_size = static_cast<std::size_t>(head->payload_size);
    on_frame(link, *head, {data + used + head->head_size, payload_size});
    used += head->head_size + payload_size;
    if (links_[link].fd < 0)
      return size;
  }
  return used;
}

void socket_pool::on_frame(std::uint32_t link, const frame_head& head, std::string_view payload) {
  switch (head.op) {
  case opcode::ping: {
    std::string pong;
    append_frame(pong, opcode::pong, payload, mask_key);
    return send(link, pong);
  }
  case opcode::pong:
    return;
  case opcode::close: {
    std::string why = "close frame";
    if (payload.size() >= 2) {
      const auto code =
        static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
      why += " " + std::to_string(code) + " " + std::string{payload.substr(2)};
    }
    return fail(link, why);
  }
  default:
    break;
  }
  if (links_[link].at == stage::open)
    events_.on_payload(link, payload);
  else if (payload.find(links_[link].words->await) != std::string_view::npos)
    opened(link);
}

// One response at a time: each request waits for the answer to the one before.
std::size_t socket_pool::parse_response(std::uint32_t link, std::string_view data) {
  const auto end = data.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return 0;
  const auto head = data.substr(0, end + 2);
  std::size_t total = end + 4;
  if (const auto length = header_value(head, "Content-Length")) {
    total += static_cast<std::size_t>(std::strtoull(std::string{*length}.c_str(), nullptr, 10));
    if (data.size() < total)
      return 0;
  } else if (header_value(head, "Transfer-Encoding")) {
    const auto last = data.find("0\r\n\r\n", end + 2);
    if (last == std::string_view::npos)
      return 0;
    total = last + 5;
  }
  const auto status = head.size() > 12 ? std::atoi(std::string{head.substr(9, 3)}.c_str()) : 0;
  events_.on_response(link, status);
  return total;
}

} // namespace troupe::bench
