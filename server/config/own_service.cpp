#include "server/config/own_service.hpp"

namespace troupe {

namespace {

bool begins_like(std::string_view one, std::string_view other) {
  return one.starts_with(other) || other.starts_with(one);
}

// Whether what `subject` may become reaches the methods of `service`.
bool reaches(const bridge_template& subject, const std::string& service) {
  for (const auto* kind : {".rpc.", ".async."})
    if (subject.fixed() ? subject.head().starts_with(service + kind)
                        : begins_like(subject.head(), service + kind) &&
                            subject.head().size() > service.size() + 1)
      return true;
  return false;
}

template <class T>
const T* as(const config_value* value) {
  return value != nullptr ? std::get_if<T>(&value->data) : nullptr;
}

// Of `key` in table number `index` of `[[section.tables]]`.
const config_value* place_of(const config_value::table& document, std::string_view section,
                             std::string_view tables, std::size_t index, std::string_view key) {
  using table = config_value::table;
  const auto* in = as<table>(find(document, section));
  const auto* list = as<config_value::list>(in != nullptr ? find(*in, tables) : nullptr);
  const auto* at = list != nullptr && index < list->size() ? as<table>(&(*list)[index]) : nullptr;
  return at != nullptr ? find(*at, key) : nullptr;
}

} // namespace

std::vector<config_error> own_service_errors(const config& settings,
                                             const config_value::table& document,
                                             const std::string& source) {
  std::vector<config_error> out;
  const auto& own = settings.nats.service;
  const auto report = [&](const std::string& section, const std::string& tables, std::size_t index,
                          const std::string& key, const std::string& what) {
    const auto* at = place_of(document, section, tables, index, key);
    const auto name = section + '.' + tables + '[' + std::to_string(index) + "]." + key;
    out.push_back({source, at ? at->line : 0, at ? at->column : 0, name,
                   what + (at ? ", got " + describe(*at) : "")});
  };
  for (std::size_t i = 0; i < settings.rpc_allow.size(); ++i)
    if (settings.rpc_allow[i].service == own)
      report("rpc", "allow", i, "service",
             "expected another service than the server itself (nats.service), whose methods do "
             "not look at who calls");
  for (std::size_t i = 0; i < settings.bridge.publishes.size(); ++i)
    if (reaches(settings.bridge.publishes[i].subject, own))
      report("bridge", "publish", i, "subject",
             "expected none under " + own + ".rpc and " + own +
               ".async, where services call the server itself (nats.service)");
  return out;
}

} // namespace troupe
