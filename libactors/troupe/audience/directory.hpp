// The directory: who is called what. Finds or creates rooms and topics by name, supervises them and
// retires those that nobody needs. Runs on a loop or the pool.
//
// There are only so many rooms and topics, for all: each is charged to whose client had it made, or
// to the server, until it ends (resource_shares.hpp), and making them has a budget of its own.
#pragma once

#include "troupe/audience/child_counts.hpp"
#include "troupe/audience/recent_admits.hpp"
#include "troupe/audience/restrictions.hpp"
#include "troupe/messages.hpp"
#include "troupe/pattern_trie.hpp"
#include "troupe/runtime/backoff.hpp"
#include "troupe/runtime/budget_table.hpp"
#include "troupe/runtime/placed_actor.hpp"
#include "troupe/runtime/resource_shares.hpp"
#include "troupe/server_context.hpp"
#include "troupe/wire/keyed_map.hpp"

#include <string>
#include <unordered_map>
#include <variant>

namespace troupe {

class directory final : public placed_actor<directory_actor> {
public:
  directory(caf::actor_config& config, event_loop* loop, const server_context& context);

  const char* name() const override { return "directory"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using shares = resource_shares<const std::string*>; // of the names in the table

  struct entry {
    std::variant<room_actor, topic_actor> actor;
    audience_id audience{};
    std::uint64_t admitted = 0; // how many requests were handed on to it: see `idle`
    shares::charge charged;
  };
  using table = keyed_map<std::string, entry>; // by name

  // All rooms, or all topics.
  struct names {
    shared_resource kind;
    table entries{};
    shares shared;
  };

  // A pattern by which somebody listens to topics.
  struct pattern {
    child_counts listeners;
    resource_shares<std::string>::charge charged;
  };

  struct audience_name {
    audience_kind kind;
    std::string name;
  };

  void on_enter(enter& request);
  void on_subscribe_pattern(subscribe_pattern& request);
  void on_unsubscribe_pattern(const unsubscribe_pattern& news);
  result<> take_pattern(const claimant& asks);
  void on_publish(publish& message);
  caf::result<posted> on_post(post& message);
  audience_list on_list_audiences(const list_audiences& question) const;
  caf::result<audience_described> on_describe(describe_audience& question);
  void on_presence_request(presence_request& request);
  caf::result<presence_read> on_read_presence(read_presence& question);
  caf::result<moderated> on_moderate(moderate& word);
  result<> remember(const moderate& word);
  void on_departure(const departed& news);
  void on_bridged(bridged& event);
  bool is_of_use(audience_kind kind, const std::string& name) const;
  void on_idle(const idle& notice);
  void on_down(const caf::down_msg& down);

  const entry* find(audience_kind kind, const std::string& name) const;
  static error none_such(audience_kind kind);
  result<table::value_type*> find_or_make(audience_kind kind, const std::string& name,
                                          const claimant& asks = {});
  result<> spend_a_name(const claimant& asks);
  result<> take_place(audience_kind kind, const claimant& asks);
  void pass_through(names& of, table::value_type& to);
  entry make(audience_kind kind, const std::string& name, const claimant& asks);
  void end(names& of, table::iterator which);
  void let_go(names& of, table::iterator which);
  names& all(audience_kind kind) { return kind == audience_kind::room ? rooms_ : topics_; }
  const names& all(audience_kind kind) const {
    return kind == audience_kind::room ? rooms_ : topics_;
  }
  void remember_failure(const std::string& key);
  void count_entries() const;

  const server_context& context_;
  names rooms_{shared_resource::rooms, {}, shares("rooms")};
  names topics_{shared_resource::topics, {}, shares("topics")};
  pattern_trie<pattern> patterns_;
  resource_shares<std::string> pattern_shares_{"patterns"};
  budget_table<std::unordered_map<connection_id, gcra>> making_; // of names
  recent_admits on_the_way_;
  std::unordered_map<caf::actor_id, audience_name> names_;
  keyed_map<std::string, backoff> failed_; // by kind and name
  restriction_book forbidden_;             // in rooms, whether they are there or not
  std::uint64_t next_audience_ = 1;
};

} // namespace troupe
