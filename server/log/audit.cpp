#include "server/log/audit.hpp"

#include <vector>

namespace troupe {

namespace {

std::vector<log_field> marked(log_fields fields) {
  std::vector<log_field> all{{"audit", true}};
  for (const auto& field : fields)
    if (const auto* text = std::get_if<std::string_view>(&field.value); !text || !text->empty())
      all.push_back(field);
  return all;
}

} // namespace

void log_audit(const audited& what) {
  auto fields = marked({{"who", what.who}, {"whom", what.whom}});
  if (what.seconds)
    fields.emplace_back("seconds", *what.seconds);
  if (!what.reason.empty())
    fields.emplace_back("reason", what.reason);
  if (what.connections)
    fields.emplace_back("connections", *what.connections);
  if (what.failed)
    fields.emplace_back("failed", to_string(*what.failed));
  log_audit_line(what.what, fields);
}

void log_refused(std::string_view event, log_fields fields) {
  log_repeated_audit_line(event, marked(fields));
}

} // namespace troupe
