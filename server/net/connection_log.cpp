#include "server/net/connection_log.hpp"

#include "server/log/log.hpp"

#include <utility>
#include <vector>

namespace troupe {

namespace {

std::string_view user_of(const identity* who) {
  return who ? std::string_view{who->user_id} : std::string_view{};
}

// Without the texts that are empty.
void log_told(log_level level, std::string_view message, log_fields fields) {
  std::vector<log_field> told;
  for (const auto& field : fields)
    if (const auto* text = std::get_if<std::string_view>(&field.value); !text || !text->empty())
      told.push_back(field);
  log_line(level, message, std::span<const log_field>(told));
}

log_level level_of(bool traced) {
  return traced ? log_level::info : log_level::debug;
}

} // namespace

connection_log::connection_log(const server_settings& server, std::string traced)
  : server_(server),
    traced_(std::move(traced)),
    traced_block_(address_block::parse(traced_)) {}

bool connection_log::wanted() const {
  return !traced_.empty() || logs(log_level::debug);
}

bool connection_log::is_traced(const identity* who) const {
  return !traced_.empty() && user_of(who) == traced_;
}

void connection_log::coming_from(const client_address& address) {
  if (wanted())
    coming_ = address;
}

void connection_log::opened(connection_id id, const identity* who, std::string_view name) {
  const auto from = std::exchange(coming_, std::nullopt);
  const bool by_address = from && traced_block_ && traced_block_->contains(*from);
  const auto level = level_of(by_address || is_traced(who));
  if (!logs(level))
    return;
  auto& made = logged_[id.value] = {from ? from->to_string() : std::string{}, by_address};
  log_told(level, "connection opened",
           {{"connection", server_.public_id(id)},
            {"user", user_of(who)},
            {"name", name},
            {"address", made.address}});
}

void connection_log::identified(connection_id id, const identity& who, const client_address& from) {
  auto known = logged_.find(id.value);
  const auto level = level_of((known != logged_.end() && known->second.traced) || is_traced(&who));
  if (!logs(level))
    return;
  if (known == logged_.end())
    known = logged_.emplace(id.value, entry{from.to_string(), false}).first;
  log_told(level, "connection identified",
           {{"connection", server_.public_id(id)},
            {"user", user_of(&who)},
            {"name", who.username},
            {"address", known->second.address}});
}

void connection_log::closed(connection_id id, const identity* who, close_code code,
                            std::string_view why) {
  const auto found = logged_.extract(id.value);
  const auto level = level_of((found && found.mapped().traced) || is_traced(who));
  if (!logs(level))
    return;
  const auto number =
    code == close_code{} ? std::string{} : std::to_string(static_cast<unsigned>(code));
  log_told(level, "connection closed",
           {{"connection", server_.public_id(id)},
            {"user", user_of(who)},
            {"address", found ? std::string_view{found.mapped().address} : std::string_view{}},
            {"code", number},
            {"why", why}});
}

} // namespace troupe
