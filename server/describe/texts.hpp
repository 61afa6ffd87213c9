// What people are told of each frame, field, command and call in the descriptions of the protocol:
// the lines of texts.txt, and which of them were needed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::descriptions {

class texts {
public:
  texts();

  /// Of a frame, a command, a call: `request.join`.
  std::string of(const std::string& what);
  /// Of a field: that of this owner, `request.join.user`, or else that of all fields of the name.
  std::string of(const std::string& owner, std::string_view field);

  /// What was asked for and is not there.
  const std::vector<std::string>& missing() const { return missing_; }
  /// What is there and was not asked for.
  std::vector<std::string> unused() const;

private:
  const std::string_view* find(const std::string& key);

  const std::map<std::string_view, std::string_view> all_;
  std::set<std::string_view> used_;
  std::vector<std::string> missing_;
};

} // namespace troupe::descriptions
