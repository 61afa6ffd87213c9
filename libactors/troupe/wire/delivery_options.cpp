#include "troupe/wire/delivery_options.hpp"

#include "troupe/wire/field_notes.hpp"
#include "troupe/wire/names.hpp"
#include "troupe/wire/request_fields.hpp"

namespace troupe {

namespace {

constexpr std::uint64_t ttl_ms_max = 30ull * 24 * 60 * 60 * 1000; // 30 days
constexpr std::size_t role_bytes_max = 128;                       // as tokens may have them

// A field that this server does not know would narrow it further: to pass it over would tell those
// who are not meant.
void read_to(request_fields& in, std::string& role) {
  const json_slice* to = in.find("to");
  if (!to || to->kind == json_kind::null)
    return;
  const auto wrong = [&] { in.fail(errc::bad_request, "'to' must be {\"role\":\"...\"}"); };
  if (to->kind != json_kind::object)
    return wrong();
  std::vector<json_member> members;
  scan_members(*to, members);
  if (members.size() != 1 || json_unescape(members[0].key) != "role" ||
      members[0].value.kind != json_kind::string)
    return wrong();
  role = json_unescape(members[0].value);
  if (!valid_user_id(role, role_bytes_max))
    in.fail(errc::bad_request, "'to.role' must be 1 to " + std::to_string(role_bytes_max) +
                                 " bytes, without control characters");
}

void read_to(field_notes& in, std::string&) {
  in.note({"to", field_kind::recipients, 1, role_bytes_max});
}

} // namespace

template <class In>
delivery_options read_service_options(In& in) {
  delivery_options out;
  read_to(in, out.role);
  if (std::uint64_t ttl = 0; in.integer("ttl_ms", 1, ttl_ms_max, ttl))
    out.ttl = std::chrono::milliseconds(ttl);
  return out;
}

template <class In>
delivery_options read_delivery_options(In& in) {
  auto out = read_service_options(in);
  in.flag("except_me", out.except_me);
  return out;
}

template delivery_options read_service_options(request_fields&);
template delivery_options read_service_options(field_notes&);
template delivery_options read_delivery_options(request_fields&);
template delivery_options read_delivery_options(field_notes&);

} // namespace troupe
