#include "troupe/wire/presence_question.hpp"

#include "troupe/wire/field_notes.hpp"

namespace troupe {

namespace {

// Longer than any id of a user that a token says.
constexpr std::size_t after_bytes_max = 256;

} // namespace

template <class In>
presence_question read_presence_question(In& in) {
  presence_question out;
  std::uint64_t limit = out.limit;
  in.audience(out.kind, out.name);
  in.string("after", after_bytes_max, out.after);
  in.integer("limit", 1, limits::presence_page_max, limit);
  out.limit = static_cast<std::uint32_t>(limit);
  return out;
}

template presence_question read_presence_question(request_fields&);
template presence_question read_presence_question(field_notes&);

presence_question read_presence_question(request_fields& in, audience_kind kind, std::string name,
                                         std::string after, std::string_view limit) {
  presence_question out{kind, std::move(name), std::move(after)};
  std::uint64_t number = out.limit;
  if (!limit.empty() &&
      (!parse_number(limit, number) || number < 1 || number > limits::presence_page_max))
    in.fail(errc::bad_request,
            "'limit' must be an integer from 1 to " + std::to_string(limits::presence_page_max));
  out.limit = static_cast<std::uint32_t>(number);
  return out;
}

} // namespace troupe
