#include "server/describe/texts.hpp"

namespace troupe {

extern const std::string_view description_texts; // texts.txt

namespace descriptions {

namespace {

std::map<std::string_view, std::string_view> read(std::string_view file) {
  std::map<std::string_view, std::string_view> out;
  while (!file.empty()) {
    const auto line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(line.size() + 1, file.size()));
    const auto blanks = line.find("  ");
    if (!line.starts_with('#') && blanks != std::string_view::npos)
      out.emplace(line.substr(0, blanks), line.substr(blanks + 2));
  }
  return out;
}

} // namespace

texts::texts() : all_(read(description_texts)) {}

const std::string_view* texts::find(const std::string& key) {
  const auto found = all_.find(key);
  if (found == all_.end())
    return nullptr;
  used_.insert(found->first);
  return &found->second;
}

std::string texts::of(const std::string& what) {
  const auto* const text = find(what);
  if (!text)
    missing_.push_back(what);
  return std::string(text ? *text : std::string_view());
}

std::string texts::of(const std::string& owner, std::string_view field) {
  const auto whole = owner + "." + std::string(field);
  if (const auto* own = find(whole))
    return std::string(*own);
  if (const auto* shared = find("*." + std::string(field)))
    return std::string(*shared);
  missing_.push_back(whole);
  return {};
}

std::vector<std::string> texts::unused() const {
  std::vector<std::string> out;
  for (const auto& [key, text] : all_)
    if (!used_.contains(key))
      out.emplace_back(key);
  return out;
}

} // namespace descriptions

} // namespace troupe
