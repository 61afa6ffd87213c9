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

void log_audit(std::string_view event, std::string_view who, std::string_view whom) {
  log_audit_line(event, marked({{"who", who}, {"whom", whom}}));
}

void log_refused(std::string_view event, log_fields fields) {
  log_repeated_audit_line(event, marked(fields));
}

} // namespace troupe
