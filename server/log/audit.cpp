#include "server/log/audit.hpp"

#include <vector>

namespace troupe {

namespace {

void log_marked(std::string_view event, std::span<const log_field> fields) {
  std::vector<log_field> all{{"audit", true}};
  all.insert(all.end(), fields.begin(), fields.end());
  log_line(log_level::info, event, std::span<const log_field>(all));
}

} // namespace

void log_audit(std::string_view event, log_fields fields) {
  if (logs(log_level::info))
    log_marked(event, {fields.begin(), fields.size()});
}

void log_audit(std::string_view event, std::string_view who, std::string_view whom) {
  if (!logs(log_level::info))
    return;
  std::vector<log_field> fields;
  if (!who.empty())
    fields.emplace_back("who", who);
  if (!whom.empty())
    fields.emplace_back("whom", whom);
  log_marked(event, fields);
}

} // namespace troupe
