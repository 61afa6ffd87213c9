#include "troupe/kept_event.hpp"

#include <concepts>

namespace troupe {

namespace {

// Short texts lie inside their string.
std::size_t outside(const std::string& text) {
  static const auto inside = std::string().capacity();
  return text.capacity() > inside ? text.capacity() + 1 : 0;
}

} // namespace

kept_event::~kept_event() {
  std::size_t bytes = bytes_;
  if (const auto* made = frame_.load(std::memory_order_relaxed)) {
    bytes += made->bytes().size();
    intrusive_ptr_release(made);
  }
  total_.fetch_sub(bytes, std::memory_order_relaxed);
}

frame_ptr kept_event::frame(bool& made) const {
  const troupe::frame* known = frame_.load(std::memory_order_acquire);
  made = !known;
  if (known)
    return frame_ptr(known);
  auto fresh = encode(what_).frame;
  intrusive_ptr_add_ref(fresh.get());
  if (frame_.compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel)) {
    total_.fetch_add(fresh->bytes().size(), std::memory_order_relaxed);
    return fresh;
  }
  intrusive_ptr_release(fresh.get()); // another loop was faster
  return frame_ptr(known);
}

std::size_t bytes_of(const server_event& what) {
  const auto texts = [](const auto& event) -> std::size_t {
    if constexpr (requires { event.type; }) {
      std::size_t bytes = outside(event.type);
      if constexpr (requires { event.topic; })
        bytes += outside(event.topic);
      if constexpr (requires { event.room; })
        bytes += outside(event.room);
      if constexpr (requires { event.data; })
        bytes += outside(event.data);
      if constexpr (requires { event.members; })
        bytes += outside(event.members);
      if constexpr (requires { event.user_id; })
        bytes += outside(event.user_id);
      if constexpr (requires { event.from; })
        bytes += outside(event.from);
      return bytes;
    }
    return 0;
  };
  return sizeof(shared_event) + std::visit(texts, what);
}

const std::string& user_of(const server_event& what) {
  static const std::string nobody;
  return std::visit(
    [](const auto& event) -> const std::string& {
      if constexpr (requires {
                      { event.user_id } -> std::convertible_to<const std::string&>;
                    })
        return event.user_id;
      else
        return nobody;
    },
    what);
}

} // namespace troupe
