#include "server/net/socket_connection.hpp"

#include <array>

namespace troupe {

namespace {

// What the kernel copies while a request is carried out.
constexpr std::size_t bytes_a_unit = 16 * 1024;

// Frames in one system call. More would not make the call cheaper per frame.
constexpr std::size_t frames_per_write = 128;

// What waits, as a source for the pump; it counts what leaves.
struct counted_outbox {
  outbox& waiting;
  loop_metrics& counted;
  std::array<iovec, frames_per_write> parts;

  bool idle() const { return waiting.idle(); }
  std::span<iovec> gather() { return std::span(parts).first(waiting.gather(parts)); }
  void consume(std::size_t bytes) {
    const auto frames = waiting.frames();
    waiting.consume(bytes);
    counted.bytes_out.add(bytes);
    counted.frames_out.add(frames - waiting.frames());
  }
};

} // namespace

socket_connection::socket_connection(caf::actor_config& config, event_loop& base, io_loop&,
                                     const server_context& context, outlet& its_outlet,
                                     opening asked, transport socket, std::string handshake,
                                     std::string_view early, deflate_codec* codec)
  : connection(config, base, context, its_outlet, std::move(asked)),
    stream_pump(std::move(socket)),
    codec_(codec),
    unread_(early.begin(), early.end()) {
  if (codec_)
    has_packed_form();
  waiting().push(frame_ref{caf::make_counted<frame>(std::move(handshake), std::size_t{0})},
                 context.live().bounds.outbox_bytes_max);
}

void socket_connection::start() {
  put_off_ = !unread_.empty();
  reads_on_ = put_off_ || socket_.readable;
  if (!net().watch_instead(socket_.get(), *this))
    end();
}

void socket_connection::on_ready(readiness what) {
  if (ended())
    return;
  socket_.note(what);
  if (what.readable && !put_off_ && may_read())
    receive();
  if (what.writable && socket_.full && !ended()) {
    socket_.full = false;
    write_on();
  }
}

// -- reading -----------------------------------------------------------------------------------------

void socket_connection::receive() {
  const auto read = receive_portions([this](std::span<char> bytes) {
    metrics().bytes_in.add(bytes.size());
    charge_reading(bytes.size() / bytes_a_unit);
    heard();
    if (!closing())
      take(bytes);
    return !ended() && !put_off_; // put off: until `read_on` the kernel holds the client back
  });
  if (ended())
    return;
  if (read == reading::ended || read == reading::failed)
    return end();
  if (wait_if_unsent() && read == reading::more) {
    reads_on_ = true;
    pump_soon();
  }
}

void socket_connection::take(std::span<char> bytes) {
  if (unread_.empty()) {
    const auto done = reader_.read(bytes, context().live().bounds.frame_bytes_max, *this);
    unread_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(done), bytes.end());
  } else {
    unread_.insert(unread_.end(), bytes.begin(), bytes.end());
    const auto done = reader_.read(unread_, context().live().bounds.frame_bytes_max, *this);
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(done));
  }
  if (unread_.empty())
    unread_.shrink_to_fit();
  if (closing())
    std::vector<char>{}.swap(unread_);
  put_off_ = !closing() && (reader_.paused() || !wants_frames());
  reads_on_ |= put_off_;
  if (put_off_ && reader_.paused())
    pump_soon(); // others first
}

void socket_connection::read_on() {
  if (put_off_) {
    if (!wants_frames())
      return;
    reads_on_ = put_off_ = false;
    auto waiting_frames = std::exchange(unread_, {});
    take(waiting_frames);
  }
  if (put_off_ || ended())
    return;
  reads_on_ = false;
  if (socket_.readable)
    receive();
}

void socket_connection::on_message(bool text, std::string_view payload) {
  metrics().frames_in.add();
  if (text)
    receive_text(payload);
  else
    close_with(
      close_frame(close_code::unsupported_data, default_reason(close_code::unsupported_data)),
      close_code::unsupported_data);
}

void socket_connection::on_ping(std::string_view payload) {
  if (!spend(nullptr))
    return;
  if (waiting().pongs_pile_up())
    waiting().replace_last(frame_ref{pong_frame(payload)});
  else
    push(pong_frame(payload));
}

void socket_connection::on_close(std::string_view payload) {
  close_with(close_echo_frame(payload));
}

void socket_connection::on_violation(close_code code, std::string_view what) {
  close_with(close_frame(code, what), code);
}

// -- writing -----------------------------------------------------------------------------------------

void socket_connection::write() {
  if (send_from(counted_outbox{waiting(), metrics(), {}}) && closing() && waiting().empty())
    all_written();
}

void socket_connection::write_again() {
  socket_.full = false;
  write();
}

void socket_connection::all_written() {
  if (socket_.has_unsent() || std::exchange(shut_, true))
    return;
  socket_.finish();
}

void socket_connection::closing_began() {
  // From now on what comes is thrown away: the client's close frame, or the rest of what was too
  // long. Closing at once with unread bytes would reset the connection and lose our last words.
  put_off_ = false;
}

void socket_connection::release_transport(bool abruptly) {
  if (abruptly || socket_.has_unsent())
    socket_.reset_on_close();
  socket_ = {};
  std::vector<char>{}.swap(unread_);
}

} // namespace troupe
