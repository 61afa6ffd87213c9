// A room, topic or pattern that is listened to: who does, how far it has been seen, and whether the
// server knows. And the table of all of them.
#pragma once

#include "troupe_client/detail/alarm.hpp"
#include "troupe_client/detail/names.hpp"
#include "troupe_client/detail/seam.hpp"
#include "troupe_client/frame.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe_client::detail {

enum class audience_kind { room, topic, pattern };

struct audience_key {
  audience_kind kind = audience_kind::room;
  std::string name{};

  /// The member of a frame that names it.
  const char* member() const { return kind == audience_kind::room ? "room" : "topic"; }
  auto operator<=>(const audience_key&) const = default;
};

struct audience;

using confirmation_taker = std::function<void(result<position>)>;

/// One `listen`: what it is to be told.
struct hearer {
  listener calls{};
  bool alive = true;
  std::weak_ptr<audience> of{};
  std::vector<confirmation_taker> waiting{}; ///< for the first confirmation
  std::optional<failure> ended{};
};
using hearer_ptr = std::shared_ptr<hearer>;

struct audience : std::enable_shared_from_this<audience> {
  enum class stage { out, asked, in };

  audience_key key;
  bool presence = false;       ///< somebody wants to be told who is there
  bool inbox = false;          ///< the server subscribes the client to it, unasked
  bool presence_asked = false; ///< on this connection
  bool confirmed = false;      ///< once at least
  stage is = stage::out;
  seam at{};
  std::vector<hearer_ptr> hearers{};
  alarm leaving; ///< set when nobody listens any more
  alarm retry;   ///< set when the server could not take it back just now

  audience(audience_key of, const boost::asio::any_io_executor& on, const alarm::count& pending)
    : key(std::move(of)),
      leaving(on, pending),
      retry(on, pending) {}
};
using audience_ptr = std::shared_ptr<audience>;

class audience_table {
public:
  audience_ptr find(const audience_key& key) const {
    const auto found = all_.find(key);
    return found == all_.end() ? nullptr : found->second;
  }
  void add(const audience_ptr& what) { all_[what->key] = what; }
  void erase(const audience& what) {
    if (const auto found = all_.find(what.key); found != all_.end() && found->second.get() == &what)
      all_.erase(found);
  }
  void clear() { all_.clear(); }

  /// All of them, to be gone through while they change.
  std::vector<audience_ptr> all() const {
    std::vector<audience_ptr> out;
    out.reserve(all_.size());
    for (const auto& [key, each] : all_)
      out.push_back(each);
    return out;
  }

  std::vector<audience_ptr> patterns_of(std::string_view topic) const {
    std::vector<audience_ptr> out;
    for (auto each = all_.lower_bound({audience_kind::pattern, {}}); each != all_.end(); ++each)
      if (each->second->is == audience::stage::in && matches(each->first.name, topic))
        out.push_back(each->second);
    return out;
  }

  bool empty() const { return all_.empty(); }

private:
  std::map<audience_key, audience_ptr> all_; // rooms, then topics, then patterns
};

} // namespace troupe_client::detail
