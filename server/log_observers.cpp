#include "server/log_observers.hpp"

#include "server/log/audit.hpp"
#include "server/log/log.hpp"

namespace troupe {

void tell_the_log(server_observers& observers) {
  observers.report = [](std::string_view what) { log_error(what); };
  observers.warn = [](std::string_view what) { log_warning(what); };
  observers.audit = [](const audited& what) { log_audit(what); };
  observers.refused = [](std::string_view what, std::string_view who, std::string_view why) {
    log_refused(what, {{"who", who}, {"why", why}});
  };
}

} // namespace troupe
