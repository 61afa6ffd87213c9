#include "troupe/bus/bridge_template.hpp"

#include "troupe/wire/names.hpp"

#include <algorithm>
#include <charconv>

namespace troupe {

std::vector<std::string> parse_field_path(std::string_view text) {
  constexpr std::size_t keys_max = 8, key_bytes_max = 128;
  std::vector<std::string> path;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('.', begin), text.size());
    const auto key = text.substr(begin, end - begin);
    if (!valid_user_id(key, key_bytes_max) || without_blank_ends(key) != key ||
        key.find_first_of("\"\\{}|") != std::string_view::npos || path.size() == keys_max)
      return {};
    path.emplace_back(key);
    begin = end + 1;
  }
  return path;
}

// What stands between the braces.
bool bridge_template::parse_hole(std::string_view hole, part& out) {
  constexpr std::string_view data = "data.";
  if (hole == ">") {
    out.what = origin::rest;
  } else if (hole == "name") {
    out.what = origin::name;
  } else if (hole == "event") {
    out.what = origin::event;
  } else if (hole.starts_with(data)) {
    out.what = origin::data;
    const auto bar = hole.find('|');
    out.has_default = bar != std::string_view::npos;
    if (out.has_default)
      out.text = hole.substr(bar + 1);
    out.path = parse_field_path(hole.substr(0, bar).substr(data.size()));
    return !out.path.empty();
  } else {
    out.what = origin::token;
    const auto* const end = hole.data() + hole.size();
    const auto read = std::from_chars(hole.data(), end, out.number);
    return read.ec == std::errc{} && read.ptr == end && out.number > 0;
  }
  return true;
}

text_result<bridge_template> bridge_template::parse(std::string_view text) {
  bridge_template out;
  while (!text.empty()) {
    const auto brace = text.find_first_of("{}");
    part next;
    if (brace != 0) {
      next.text = text.substr(0, brace);
      text.remove_prefix(next.text.size());
    } else {
      const auto end = text.find_first_of("{}", 1);
      if (text[0] == '}' || end == std::string_view::npos || text[end] == '{')
        return fail("braces that do not match");
      const auto hole = text.substr(1, end - 1);
      if (!parse_hole(hole, next))
        return fail("{" + std::string(hole) + "}");
      text.remove_prefix(end + 1);
    }
    out.parts_.push_back(std::move(next));
  }
  return out;
}

bridge_template::filled bridge_template::append(const part& each, const source& from,
                                                std::string& out) const {
  switch (each.what) {
  case origin::literal:
    out += each.text;
    return filled::yes;
  case origin::token:
    if (!from.pattern || each.number > from.pattern->tokens.size())
      return filled::absent;
    out += from.pattern->tokens[each.number - 1];
    return filled::yes;
  case origin::rest:
    out += from.pattern ? from.pattern->rest : std::string_view{};
    return filled::yes;
  case origin::name:
    out += from.name;
    return filled::yes;
  case origin::event:
    out += from.event;
    return filled::yes;
  case origin::data:
    break;
  }
  const auto [value, blocked] =
    from.payload ? from.payload->find(each.path) : bridge_payload::field{};
  if (blocked)
    return filled::wrong;
  if (!value || value->kind == json_kind::null) {
    out += each.text;
    return each.has_default ? filled::yes : filled::absent;
  }
  const bool text = value->kind == json_kind::string;
  // An escape has six characters at most for each byte that it stands for.
  if ((!text && value->kind != json_kind::number) || value->text.size() > 6 * bytes_max)
    return filled::wrong;
  out += text ? json_unescape(*value) : std::string(value->text);
  return filled::yes;
}

bridge_template::filled bridge_template::fill(const source& from, std::string& out) const {
  out.clear();
  for (const auto& each : parts_) {
    const auto result = append(each, from, out);
    if (result != filled::yes)
      return result;
    if (out.size() > bytes_max)
      return filled::wrong;
  }
  return filled::yes;
}

bridge_template::needs bridge_template::asks_for() const {
  needs out;
  for (const auto& each : parts_) {
    out.tokens = std::max(out.tokens, each.number);
    out.rest = out.rest || each.what == origin::rest;
    out.data = out.data || each.what == origin::data;
    out.data_without_default =
      out.data_without_default || (each.what == origin::data && !each.has_default);
    out.name = out.name || each.what == origin::name;
    out.event = out.event || each.what == origin::event;
  }
  return out;
}

// A hole may stand for anything, so each literal is taken where it comes first, and the last one at
// the end.
bool bridge_template::may_become(std::string_view text) const {
  bool open = false; // a hole is before what is left
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& each = parts_[i];
    if (each.what != origin::literal) {
      open = true;
      continue;
    }
    const bool last = i + 1 == parts_.size();
    if (open && last)
      return text.ends_with(each.text);
    const auto at = open ? text.find(each.text) : text.starts_with(each.text) ? 0 : text.npos;
    if (at == text.npos)
      return false;
    text.remove_prefix(at + each.text.size());
    open = false;
  }
  return open || text.empty();
}

bool bridge_template::fixed() const {
  return std::all_of(parts_.begin(), parts_.end(),
                     [](const part& each) { return each.what == origin::literal; });
}

std::string_view bridge_template::head() const {
  return !parts_.empty() && parts_.front().what == origin::literal
           ? std::string_view(parts_.front().text)
           : std::string_view{};
}

} // namespace troupe
