// Who listens where on one I/O loop: the listeners of each room and topic, and for each listener
// the rooms and topics that it listens to. Pure; belongs to its loop.
//
// Both sides change together, and only here. A pair costs 16 bytes in the listener and 8 in the
// audience, with what their vectors have to spare. An audience is in the table while anybody
// listens to it: what `leave` and `dissolve` are given and give back are values, so that nobody is
// left with one that is gone.
#pragma once

#include "troupe/actors.hpp"
#include "troupe/delivery/frame_ref.hpp"
#include "troupe/delivery/replay_run.hpp"
#include "troupe/wire/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace troupe {

class audience_listener;

/// A room or topic as a loop knows it, and its listeners on that loop.
struct audience {
  using host_actor = std::variant<room_actor, topic_actor>;

  audience_id id{};
  audience_kind kind = audience_kind::topic;
  std::string name;
  host_actor host;
  position at;                           ///< of the last frame that came for it
  lossy_audience_ptr lossy;              ///< null: whoever is too slow for it is closed
  std::unique_ptr<replay_run> replays{}; ///< null: nobody is sent again what it missed

  /// Each one once, in the order that a broadcast takes; who leaves is replaced by the last.
  const std::vector<audience_listener*>& listeners() const { return listeners_; }
  /// The position that `who` has come to: it may still be sent again what lies between.
  position at_for(const audience_listener& who) const {
    const auto* const cursor = replays ? replays->find(who) : nullptr;
    return cursor ? position{at.epoch, cursor->next - 1} : at;
  }
  /// Those of them who are told who comes and goes. They stand first.
  std::span<audience_listener* const> followers() const { return {listeners_.data(), followers_}; }

private:
  friend class listener_table;
  std::vector<audience_listener*> listeners_;
  std::uint32_t followers_ = 0;
};

/// One that may listen to several audiences. When it goes, it must have left them all.
class audience_listener {
public:
  audience_listener() = default;
  audience_listener(const audience_listener&) = delete;
  audience_listener& operator=(const audience_listener&) = delete;

  /// What it listens to under this name, or null. Valid until the table changes.
  const audience* find_audience(audience_kind kind, std::string_view name) const;
  bool listens_to(audience_id id) const;
  std::size_t audience_count(audience_kind kind) const;

  /// How many it listens to, and the `i`-th of them, in the order in which it came to them.
  std::size_t audience_count() const { return places_.size(); }
  const audience& audience_at(std::size_t i) const { return *places_[i].where; }

protected:
  ~audience_listener() = default;

private:
  friend class listener_table;
  struct place {
    audience* where;
    std::uint32_t number; // in `listeners_`
    ticket asked;         // of the enrolment
  };

  place* find(audience_id id);
  void forget(const place& gone);

  std::vector<place> places_;
};

/// That one listened to an audience: what there is to tell its host.
struct enrolment {
  audience_kind kind = audience_kind::topic;
  std::string name;
  audience::host_actor host;
  ticket asked = 0;
};

class listener_table {
public:
  /// Null: nobody listens to it. Valid until the table changes.
  audience* find(audience_id id);
  const audience* find(audience_id id) const;
  std::size_t listeners_of(audience_id id) const;
  /// How many audiences have listeners.
  std::size_t size() const { return audiences_.size(); }

  /// `who` listens to `id` from now on, as it `asked`; false: it did already, and has asked anew.
  /// The first listener brings the audience into the table: then `describe(audience&)` fills in
  /// what there is to know of it.
  template <class Describe>
  bool enroll(audience_listener& who, audience_id id, ticket asked, Describe describe) {
    const auto [entry, fresh] = audiences_.try_emplace(id);
    if (fresh) {
      entry->second.id = id;
      describe(entry->second);
    }
    return add(who, entry->second, asked);
  }

  /// `who` listens to `id` no more. What it had there, or nothing if it did not listen.
  std::optional<enrolment> leave(audience_listener& who, audience_id id);

  /// Whether `who`, if it listens to `id`, is told who comes and goes there.
  static void follow(audience_listener& who, audience_id id, bool does);

  /// Nobody listens to `id` any more. All who did.
  std::vector<audience_listener*> dissolve(audience_id id);

private:
  static bool add(audience_listener& who, audience& to, ticket asked);
  static void swap_places(audience& of, std::uint32_t a, std::uint32_t b);

  std::unordered_map<audience_id, audience> audiences_;
};

} // namespace troupe
