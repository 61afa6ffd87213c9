#include "troupe/wire/field_notes.hpp"

namespace troupe {

void field_notes::needed(std::string_view key, bool is) {
  for (auto& each : notes_)
    if (each.key == key)
      each.needed = is;
}

void field_notes::topics(std::vector<std::string>&, bool&) {
  note({"topics", field_kind::topics, 1, bounds_.topics_per_connection_max});
  note({"topic", field_kind::topic});
  note({"channel", field_kind::topic});
  choose(field_choice::rule::at_least_one, {"topics", "topic", "channel"});
}

void field_notes::audience(audience_kind&, std::string&) {
  note({"room", field_kind::name});
  note({"topic", field_kind::name});
  choose(field_choice::rule::exactly_one, {"room", "topic"});
}

} // namespace troupe
