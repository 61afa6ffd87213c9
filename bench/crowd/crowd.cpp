#include "crowd.hpp"

#include "bench/load/clock.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::bench {

namespace {

constexpr std::uint32_t handshakes_at_once = 512;

socket_pool::options options_for(const sockaddr_in& target) {
  return {.target = target, .concurrency = handshakes_at_once, .rate = 0};
}

std::string as_frames(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts)
    append_frame(out, opcode::text, text, mask_key);
  return out;
}

// The last one in the frame: what people say comes before it. 0: it has none.
std::uint64_t offset_of(std::string_view payload) {
  constexpr std::string_view key = "\"offset\":";
  const auto at = payload.rfind(key);
  std::uint64_t out = 0;
  if (at != std::string_view::npos)
    std::from_chars(payload.data() + at + key.size(), payload.data() + payload.size(), out);
  return out;
}

} // namespace

crowd::crowd(const sockaddr_in& target, std::string host, std::uint32_t clients)
  : host_(std::move(host)),
    clients_(clients),
    pool_(options_for(target), *this),
    offsets_(clients),
    to_say_(clients) {
  for (std::uint32_t link = 0; link < clients; ++link)
    pool_.add_link(words_);
}

void crowd::silence(std::uint32_t every) {
  silent_every_ = every;
  for (std::uint32_t link = 0; link < clients_; ++link)
    if (!reads(link))
      pool_.stop_reading(link);
}

void crowd::open(const std::string& path, const std::vector<std::string>& hello, std::string await,
                 std::uint64_t offset, double rate) {
  words_ = {handshake_request(host_, path, {}), as_frames(hello), std::move(await)};
  std::fill(offsets_.begin(), offsets_.end(), offset);
  pool_.set_rate(rate);
  for (std::uint32_t link = 0; link < clients_; ++link)
    pool_.open(link);
}

void crowd::cut() {
  for (std::uint32_t link = 0; link < clients_; ++link)
    pool_.reset(link);
  report_.open = 0;
}

void crowd::say(std::string_view text, double seconds) {
  frame_.clear();
  append_frame(frame_, opcode::text, text, mask_key);
  to_say_ = 0;
  say_from_ = now_ns();
  say_ns_ = seconds * 1e9;
}

void crowd::say_due() {
  const auto elapsed = static_cast<double>(now_ns() - say_from_);
  const auto due = say_ns_ > 0 ? elapsed / say_ns_ * clients_ : clients_;
  while (to_say_ < clients_ && to_say_ <= due)
    pool_.send(to_say_++, frame_);
}

void crowd::restart() {
  report fresh;
  fresh.open = report_.open;
  report_ = std::move(fresh);
}

crowd::report crowd::now() const {
  report out = report_;
  out.offset_min = UINT64_MAX;
  for (std::uint32_t link = 0; link < clients_; ++link) {
    if (!reads(link))
      continue;
    out.offset_min = std::min(out.offset_min, offsets_[link]);
    out.offset_max = std::max(out.offset_max, offsets_[link]);
  }
  return out;
}

bool crowd::reached(std::uint64_t offset) const {
  for (std::uint32_t link = 0; link < clients_; ++link)
    if (reads(link) && offsets_[link] < offset)
      return false;
  return true;
}

void crowd::work(std::uint64_t nanoseconds) {
  constexpr std::uint64_t millisecond = 1'000'000;
  if (!said()) {
    say_due();
    nanoseconds = std::min(nanoseconds, millisecond);
  }
  pool_.poll(now_ns() + nanoseconds);
}

void crowd::on_open(std::uint32_t) {
  ++report_.open;
}

void crowd::on_closed(std::uint32_t, std::string_view why) {
  report_.open -= report_.open > 0 ? 1 : 0;
  ++report_.closed[std::string(why)];
}

void crowd::on_payload(std::uint32_t link, std::string_view payload) {
  if (payload.starts_with(R"({"type":"ping")")) {
    std::string pong;
    append_frame(pong, opcode::text, R"({"type":"pong"})", mask_key);
    return pool_.send(link, pong);
  }
  if (!reads(link)) // what came with the handshake
    return;
  ++report_.frames;
  report_.bytes += payload.size();
  if (!counted_.empty() && payload.starts_with(counted_))
    ++report_.counted;
  const auto offset = offset_of(payload);
  if (offset == 0 || payload.starts_with(R"({"type":"joined")"))
    return;
  auto& last = offsets_[link];
  if (offset <= last)
    ++report_.twice;
  else if (offset != last + 1)
    ++report_.holes;
  last = std::max(last, offset);
}

} // namespace troupe::bench
