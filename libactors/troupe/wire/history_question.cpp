#include "troupe/wire/history_question.hpp"

#include "troupe/wire/field_notes.hpp"

#include <algorithm>

namespace troupe {

namespace {

history_question begun(const limits& bounds, audience_kind kind, std::string name) {
  history_question out{.kind = kind, .name = std::move(name)};
  out.limit = std::min(out.limit, bounds.history_page_max);
  return out;
}

void check(const history_question& asked, request_fields& in) {
  if (asked.before && asked.after)
    in.fail(errc::bad_request, "'before' and 'after' exclude each other");
}

void check(const history_question&, field_notes& in) {
  in.choose(field_choice::rule::at_most_one, {"before", "after"});
}

} // namespace

template <class In>
history_question read_history_question(In& in, const limits& bounds) {
  audience_kind kind{};
  std::string name;
  in.audience(kind, name);
  auto out = begun(bounds, kind, std::move(name));
  std::uint64_t number = 0;
  if (in.integer("limit", 1, bounds.history_page_max, number))
    out.limit = static_cast<std::uint32_t>(number);
  if (in.integer("before", 0, UINT64_MAX, number))
    out.before = number;
  if (in.integer("after", 0, UINT64_MAX, number))
    out.after = number;
  check(out, in);
  return out;
}

template history_question read_history_question(request_fields&, const limits&);
template history_question read_history_question(field_notes&, const limits&);

history_question read_history_question(request_fields& in, const limits& bounds, audience_kind kind,
                                       std::string name, std::string_view limit,
                                       std::string_view before, std::string_view after) {
  auto out = begun(bounds, kind, std::move(name));
  const auto read = [&](std::string_view key, std::string_view text, std::uint64_t min,
                        std::uint64_t max) -> std::optional<std::uint64_t> {
    if (text.empty())
      return std::nullopt;
    std::uint64_t number = 0;
    if (parse_number(text, number) && number >= min && number <= max)
      return number;
    in.fail(errc::bad_request, "'" + std::string(key) + "' must be an integer from " +
                                 std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  };
  out.limit = static_cast<std::uint32_t>(
    read("limit", limit, 1, bounds.history_page_max).value_or(out.limit));
  out.before = read("before", before, 0, UINT64_MAX);
  out.after = read("after", after, 0, UINT64_MAX);
  check(out, in);
  return out;
}

} // namespace troupe
