#include "troupe/delivery/frame_ref.hpp"

#include "troupe/delivery/lossy_audience.hpp"
#include "troupe/wire/websocket.hpp"

namespace troupe {

namespace {

// Of a gap beside the name: the longest header before it too. An upper bound.
constexpr std::size_t gap_bytes = dialect::gap_bytes_max + websocket::header_bytes_max;

} // namespace

void frame_ref::discard(shared* last) {
  for (shared* each = last->forms; each;) {
    shared* const form = std::exchange(each, each->next);
    form->next = nullptr;
    if (--form->holders == 0)
      discard(form);
  }
  delete last;
}

const frame_ref::shared* frame_ref::add_form(wire_form which, frame_ptr made) const {
  auto* const form = new shared(std::move(made));
  form->is = which;
  form->of = shared_->of;
  form->offset = shared_->offset;
  form->signal = shared_->signal;
  form->until = shared_->until;
  if (form->until != time_point::max())
    form->event = shared_->event; // what is told in its place
  form->next = std::exchange(shared_->forms, form);
  return form;
}

bool frame_ref::is_pong() const {
  return websocket::is_pong({shared_->data, shared_->size});
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

void frame_ref::write_gap(const dialect& speaks) {
  if (shared_->what)
    return;
  const auto& of = *shared_->of;
  const bool room = of.kind == audience_kind::room;
  shared_->what = framed(events::gap{room ? of.name : std::string(), room ? std::string() : of.name,
                                     shared_->missing, shared_->offset},
                         speaks);
  if (!shared_->what) // a dialect without a word for it: something harmless stands in its place
    shared_->what = ping_frame();
  shared_->show();
}

} // namespace troupe
