#include "troupe/delivery/frame_ref.hpp"

#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/wire/server_frames.hpp"

namespace troupe {

namespace {

// Of a `gap` frame beside the name: the header, the fields and the longest numbers. An upper bound.
constexpr std::size_t gap_bytes = 96;

} // namespace

void frame_ref::discard(shared* last) {
  delete last;
}

bool frame_ref::is_pong() const {
  return shared_->size > 0 && shared_->data[0] == '\x8a';
}

frame_ref frame_ref::gap(const frame_ref& first) {
  frame_ref out(new shared);
  out.shared_->of = first.shared_->of;
  out.widen(first);
  return out;
}

void frame_ref::widen(const frame_ref& next) {
  const shared& gone = *next.shared_;
  shared_->missing += gone.missing > 0 ? gone.missing : 1;
  shared_->offset = gone.offset;
  shared_->what.reset();
  shared_->data = nullptr;
  shared_->size = gap_bytes + shared_->of->name.size();
}

void frame_ref::write_gap() {
  if (shared_->what)
    return;
  const auto& of = *shared_->of;
  shared_->what = server_frames::gap(of.kind, of.name, shared_->missing, shared_->offset);
  shared_->data = shared_->what->bytes().data();
  shared_->size = shared_->what->bytes().size();
}

} // namespace troupe
