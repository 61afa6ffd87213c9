#include "troupe/delivery/parcel.hpp"

#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/wire/server_frames.hpp"

namespace troupe {

namespace {

// Of a `gap` frame beside the name: the header, the fields and the longest numbers. An upper bound.
constexpr std::size_t gap_bytes = 96;

} // namespace

void parcel::discard(box* last) {
  delete last;
}

bool parcel::is_pong() const {
  return box_->size > 0 && box_->data[0] == '\x8a';
}

parcel parcel::gap(const parcel& first) {
  parcel out(new box);
  out.box_->of = first.box_->of;
  out.widen(first);
  return out;
}

void parcel::widen(const parcel& next) {
  const box& gone = *next.box_;
  box_->missing += gone.missing > 0 ? gone.missing : 1;
  box_->offset = gone.offset;
  box_->what.reset();
  box_->data = nullptr;
  box_->size = gap_bytes + box_->of->name.size();
}

void parcel::write_gap() {
  if (box_->what)
    return;
  const auto& of = *box_->of;
  box_->what = server_frames::gap(of.kind, of.name, box_->missing, box_->offset);
  box_->data = box_->what->bytes().data();
  box_->size = box_->what->bytes().size();
}

} // namespace troupe
