#include "described.hpp"

#include "server/describe/protocol_schemas.hpp"
#include "tests/schema_check.hpp"

#include <map>
#include <set>
#include <vector>

namespace troupe::test {

namespace {

using nlohmann::json;

class described_frames {
public:
  described_frames() : described_frames(all()) {}

  std::string complaint(const json& frame) {
    const auto type = frame.value("type", "");
    const auto known = known_.find(type);
    // Services and rules may say these, with whatever else is in them.
    static const std::set<std::string> words_of_services{"announcement", "notification"};
    std::string told;
    if (known != known_.end()) {
      told = of_any(known->second, frame);
      if (told.empty() || !words_of_services.contains(type))
        return told;
    }
    return of_any(open_, frame);
  }

private:
  static descriptions::protocol_schemas all() {
    descriptions::texts words;
    return descriptions::describe_protocol(words);
  }

  explicit described_frames(const descriptions::protocol_schemas& all) : check_(all.schemas, true) {
    for (const auto& each : all.frames)
      known_[each.name].push_back(each.schema);
    for (const auto& each : all.open_frames)
      open_.push_back(each.schema);
  }

  std::string of_any(const std::vector<std::string>& schemas, const json& frame) {
    std::string told;
    for (const auto& each : schemas) {
      const auto complaint = check_.complaint(each, frame);
      if (complaint.empty())
        return {};
      told.append(complaint).append("\n");
    }
    return told;
  }

  schema_check check_;
  std::map<std::string, std::vector<std::string>> known_;
  std::vector<std::string> open_;
};

} // namespace

std::string complaint_about(const std::string& frame) {
  static described_frames frames;
  return frames.complaint(json::parse(frame));
}

} // namespace troupe::test
