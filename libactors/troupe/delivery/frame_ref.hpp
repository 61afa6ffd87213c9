// One I/O loop's own handle on what is sent, counted without atomics: a broadcast to ten thousand
// sockets of a loop touches the frame's shared counter once. Belongs to that loop's thread.
//
// Where an event is behind the frame, the handle also leads to its other forms: other dialects, and
// compressed. Each is made once a loop, by whoever needs it first.
#pragma once

#include "troupe/wire/event_frame.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace troupe {

class dialect;
struct lossy_audience;
struct loop_metrics;
using lossy_audience_ptr = std::shared_ptr<lossy_audience>;

/// In which form a client takes what it is sent.
struct wire_form {
  const dialect* speaks = nullptr;
  bool compressed = false;

  bool operator==(const wire_form&) const = default;
};

class frame_ref {
public:
  using time_point = std::chrono::steady_clock::time_point;

  frame_ref() = default;
  /// A frame that has one form: control frames, and what was made for one client.
  explicit frame_ref(frame_ptr what) : shared_(new shared{std::move(what)}) {}
  /// An event, and its commonest form.
  explicit frame_ref(encoded_event what) : frame_ref(std::move(what.frame)) {
    shared_->event = std::move(what.event);
  }
  /// An event of `of`, which stands at `offset` with it. `of` may be null. Nobody gets it from
  /// `until` on.
  frame_ref(encoded_event what, lossy_audience_ptr of, std::uint64_t offset,
            time_point until = time_point::max())
    : frame_ref(std::move(what)) {
    shared_->of = std::move(of);
    shared_->offset = offset;
    shared_->until = until;
  }
  /// A signal, which goes first where a reader is slow; `counts` is where that is counted.
  static frame_ref signal(encoded_event what, loop_metrics& counts) {
    frame_ref out(std::move(what));
    out.shared_->signal = &counts;
    return out;
  }
  frame_ref(const frame_ref& other) : shared_(other.shared_) {
    if (shared_)
      ++shared_->holders;
  }
  frame_ref(frame_ref&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  frame_ref& operator=(frame_ref other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~frame_ref() {
    if (shared_ && --shared_->holders == 0)
      discard(shared_);
  }

  explicit operator bool() const { return shared_ != nullptr; }
  const frame_ptr& frame() const { return shared_->what; }
  const char* data() const { return shared_->data; }
  std::size_t size() const { return shared_->size; }

  /// What the frame says, or null where nothing but the frame is known.
  const server_event* event() const { return shared_->event ? &shared_->event->what() : nullptr; }

  /// The same in form `which`: made at the first call by `make`, which returns a `frame_ptr`, and
  /// kept with this frame. Empty where `make` returned null: it can't be said in that form.
  template <class Make>
  frame_ref form(wire_form which, Make make) const {
    const shared* found = find_form(which);
    return hold(found ? found : add_form(which, make()));
  }

  bool is_pong() const;

  /// Whose frame it is if a slow reader may miss it; else null.
  lossy_audience* of() const { return shared_->of.get(); }

  /// Where it is counted that this signal was dropped; null: it is none.
  loop_metrics* signal() const { return shared_->signal; }

  /// When its time is over.
  time_point until() const { return shared_->until; }
  bool is_mortal() const { return shared_->until != time_point::max(); }

  // -- a gap: the place of frames of one audience that were dropped. Belongs to one outbox.

  /// A gap in the place of `first`. It is as long as it could ever be, and has no text, until it is
  /// written.
  static frame_ref gap(const frame_ref& first);
  /// Frame or gap `next` of the same audience goes too.
  void widen(const frame_ref& next);
  /// How many frames are missing; 0 if this is a frame and no gap.
  std::uint32_t missing() const { return shared_->missing; }
  /// Gives it its text if it has none since it was made or widened.
  void write_gap(const dialect& speaks);

private:
  struct shared {
    shared() = default;
    explicit shared(frame_ptr f) : what(std::move(f)) { show(); }
    // Where the bytes are: a delivery needs no second look-up.
    void show() {
      data = what ? what->bytes().data() : nullptr;
      size = what ? what->bytes().size() : 0;
    }

    frame_ptr what;
    const char* data = nullptr;
    std::size_t size = 0;
    std::uint32_t holders = 1;
    std::uint32_t missing = 0;
    lossy_audience_ptr of;
    std::uint64_t offset = 0; // where `of` stands with this frame, or after this gap
    loop_metrics* signal = nullptr;
    time_point until = time_point::max();
    event_ptr event;
    wire_form is{};          // of another form
    shared* forms = nullptr; // the other forms, each held once
    shared* next = nullptr;  // among the forms of another
  };

  explicit frame_ref(shared* held) : shared_(held) {}
  static frame_ref hold(const shared* which) {
    auto* held = const_cast<shared*>(which);
    ++held->holders;
    return frame_ref(held);
  }
  const shared* find_form(wire_form which) const {
    const shared* each = shared_->forms;
    while (each && each->is != which)
      each = each->next;
    return each;
  }
  const shared* add_form(wire_form which, frame_ptr made) const;
  static void discard(shared* last); // not inline: frame refs are moved and dropped all over

  shared* shared_ = nullptr;
};

} // namespace troupe
