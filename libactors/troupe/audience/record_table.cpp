#include "troupe/audience/record_table.hpp"

#include <algorithm>

namespace troupe {

namespace {

// The names that no client made are the server's: it yields as others do, but has no share.
constexpr connection_id the_server = connection_id::make(0, 0, 1, connection_id::nodes_max - 1);

claimant account_of(const claimant& who) {
  return who.connection == no_connection ? claimant{the_server} : who;
}
claimant with_share(const claimant& who) {
  return who.connection == the_server ? claimant{} : who;
}

// What a record takes besides its texts and events, and its place in the table, about.
constexpr std::size_t record_bytes = sizeof(name_record) + 128;

} // namespace

void name_record::on_deadline(timer_wheel::time_point now) {
  table_.age(*this, now);
}

record_table::record_table(event_loop& loop, std::atomic<std::uint64_t>& total, std::size_t loops,
                           const seam_rules& rules)
  : loop_(loop),
    total_(total),
    loops_(std::max<std::size_t>(loops, 1)),
    rules_(rules) {}

record_table::~record_table() {
  const auto uncount = [this](const name_record& record) {
    total_.fetch_sub(record.own_bytes_, std::memory_order_relaxed);
  };
  for (const auto& all : tables_)
    for (const auto& [name, record] : all)
      uncount(*record);
  for (const auto& record : replaced_)
    uncount(*record);
}

name_record& record_table::open(audience_kind kind, const std::string& name,
                                const std::string& epoch, const claimant& made_for,
                                const limits& bounds) {
  auto& place = of(kind)[name];
  if (place && place->open_)
    replaced_.push_back(std::move(place));
  if (place) {
    place->open_ = true;
    return *place;
  }
  place = std::make_unique<name_record>(*this, kind, name, epoch, account_of(made_for));
  place->charged_ = shares_.take(place->made_for_);
  if (!rules_.one_numbers && !replaced_.empty() && replaced_.back()->name == name)
    place->numbers = replaced_.back()->numbers;
  account(*place);
  name_record& made = *place;
  look_after(made.made_for_, bounds);
  return made;
}

name_record* record_table::find(audience_kind kind, std::string_view name) {
  const auto found = of(kind).find(name);
  return found == of(kind).end() ? nullptr : found->second.get();
}

void record_table::close(name_record& record) {
  if (find(record.kind, record.name) != &record)
    return forget(record);
  record.open_ = false;
  if (!rules_.ids_outlive)
    record.ids.forget_all();
  record.left_at_ = loop_.now();
  shares_.offer(record.charged_, &record);
  age(record, record.left_at_);
}

void record_table::keep(name_record& record, std::uint64_t offset, event_ptr what,
                        const limits& bounds, kept_event::time_point until) {
  const auto now = loop_.now();
  record.said.keep(offset, caf::make_counted<kept_event>(std::move(what), now, total_, until),
                   record.keeps);
  grown(record, bounds);
  if (!record.armed())
    loop_.arm(record, now + record.keeps.age);
}

void record_table::remember(name_record& record, std::string msg_id, recent_ids::place got,
                            const limits& bounds) {
  const auto now = loop_.now();
  record.ids.remember(std::move(msg_id), got, bounds.msg_ids_per_topic_max, now);
  grown(record, bounds);
  if (!record.armed())
    loop_.arm(record, now + recent_ids::window);
}

void record_table::remember(name_record& record, std::string_view json, const limits& bounds) {
  record.remembered = json;
  grown(record, bounds);
}

void record_table::grown(name_record& record, const limits& bounds) {
  if (account(record))
    look_after(record.made_for_, bounds);
}

void record_table::look_after(const claimant& for_whom, const limits& bounds) {
  constexpr std::size_t at_once = 64;
  bounds_ = &bounds;
  make_room(with_share(for_whom), at_once);
  if (!armed())
    loop_.arm(*this, loop_.now() + pause);
}

// Drops what has aged. Without an actor the record goes with the last of it; a position alone is
// kept as long as a message would be.
void record_table::age(name_record& record, timer_wheel::time_point now) {
  record.said.trim(record.keeps, now);
  record.ids.forget_old(now);
  account(record);
  auto next = timer_wheel::time_point::max();
  if (const auto oldest = record.said.oldest())
    next = std::min(next, *oldest + record.keeps.age);
  if (const auto oldest = record.ids.oldest())
    next = std::min(next, *oldest + recent_ids::window);
  // Who has left a topic on which nothing had been said is to find its first message.
  const bool has_more = record.numbers.at().offset > 0 || !record.remembered.empty() ||
                        record.kind == audience_kind::topic;
  if (!record.open_ && record.keeps.messages > 0 && has_more &&
      record.left_at_ + record.keeps.age > now)
    next = std::min(next, record.left_at_ + record.keeps.age);
  if (next != timer_wheel::time_point::max())
    loop_.arm(record, std::max(next, now + std::chrono::seconds(1)));
  else if (!record.open_)
    forget(record);
}

// Counts what it takes now; true when its account has grown.
bool record_table::account(name_record& record) {
  const auto own =
    record_bytes + 2 * record.name.capacity() + record.ids.bytes() + record.remembered.capacity();
  total_.fetch_add(own - record.own_bytes_, std::memory_order_relaxed);
  record.own_bytes_ = own;
  const auto blocks = (own + record.said.bytes() + block - 1) / block;
  const auto before = std::exchange(record.blocks_, blocks);
  if (blocks == before)
    return false;
  shares_.change(record.charged_,
                 static_cast<std::int64_t>(blocks) - static_cast<std::int64_t>(before));
  blocks_ += blocks - before;
  if (blocks < before)
    return false;
  shares_.offer(record.charged_, &record); // used just now, and there is something to yield
  return true;
}

// At most so many yield at once; for the rest there is another time.
void record_table::make_room(const claimant& for_whom, std::size_t at_once) {
  const std::uint64_t most = bounds_->history_bytes_max;
  for (; at_once > 0; --at_once) {
    const auto taken = total_.load(std::memory_order_relaxed);
    const auto verdict =
      shares_.ask(for_whom, taken / loops_ / block, most / loops_ / block, *bounds_);
    if (!verdict.yields)
      return;
    // Where other loops hold it, they are given a moment to give it back.
    if (!verdict.by_share && bytes() <= most / loops_ && taken < most + most / 8)
      return;
    yield(**verdict.yields);
  }
}

// It loses a block, or all that it can.
void record_table::yield(name_record& record) {
  if (record.said.drop(block) > 0) {
    account(record);
  } else if (!record.open_) {
    forget(record);
  } else {
    record.ids.forget_all();
    std::string().swap(record.remembered);
    account(record);
    shares_.withdraw(record.charged_); // until it has something again
  }
}

void record_table::forget(name_record& record) {
  total_.fetch_sub(record.own_bytes_, std::memory_order_relaxed);
  shares_.change(record.charged_, -static_cast<std::int64_t>(record.blocks_));
  blocks_ -= record.blocks_;
  shares_.give_back(record.charged_);
  auto& all = of(record.kind);
  if (const auto found = all.find(record.name);
      found != all.end() && found->second.get() == &record)
    all.erase(found);
  else
    std::erase_if(replaced_, [&](const auto& each) { return each.get() == &record; });
}

// Gives back what is more than this loop's part, where all together have too much.
void record_table::on_deadline(timer_wheel::time_point now) {
  constexpr std::size_t at_once = 1'000; // a millisecond's work
  make_room({}, at_once);
  if (blocks_ > 0)
    loop_.arm(*this, now + pause);
}

} // namespace troupe
