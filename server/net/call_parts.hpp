// The parts of a call of the server-side API that are no fields of its body: of the path, the query
// and the header. Pure.
//
// Each is read, or noted for a description: `In` is `request_fields` or `field_notes`.
#pragma once

#include "troupe/wire/admin_commands.hpp"
#include "troupe/wire/field_notes.hpp"
#include "troupe/wire/request_fields.hpp"

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

template <class In>
struct call_parts {
  In& in;
  const limits& bounds;
  std::string_view varying; ///< the part of the path that varies, still percent-encoded
  std::string_view query;
  std::string_view key; ///< of the header `Idempotency-Key`; or empty
};

using reading = call_parts<request_fields>;
using noting = call_parts<field_notes>;

template <class In>
constexpr bool reads = std::same_as<In, request_fields>;

/// The name of a room or topic in the path; `what` is it?
std::string name_of(const reading& call, std::string_view what);
std::string name_of(const noting& call, std::string_view what);

template <class In>
std::string room_name(const call_parts<In>& call) {
  return name_of(call, "room");
}

template <class In>
std::string topic_name(const call_parts<In>& call) {
  return name_of(call, "topic");
}

/// The id of a user, or a role, in the path: anything that a token may say.
std::string varying_text(const reading& call);
std::string varying_text(const noting& call);

/// An address, or a network, in the path.
address_block varying_block(const reading& call);
address_block varying_block(const noting& call);

/// What a parameter of the query is, for those who note it.
struct query_kind {
  field_kind kind = field_kind::text;
  std::uint64_t min = 0;
  std::uint64_t max = UINT64_MAX;
};

/// The text of a parameter; or empty.
std::string parameter(const reading& call, std::string_view name, query_kind = {});
std::string parameter(const noting& call, std::string_view name, query_kind what = {});

template <class In>
std::string number_parameter(const call_parts<In>& call, std::string_view name, std::uint64_t min,
                             std::uint64_t max) {
  return parameter(call, name, {field_kind::integer, min, max});
}

template <class In>
admin::page page_of(const call_parts<In>& call) {
  const auto after = parameter(call, "after");
  const auto limit = number_parameter(call, "limit", 1, admin::page_limit_max);
  if constexpr (reads<In>)
    return admin::read_page(call.in, after, limit);
  return {};
}

/// A field of the body, or a header; if both are there they must say the same.
template <class In>
void read_msg_id(const call_parts<In>& call, std::string& out) {
  call.in.string("msg_id", call.bounds.id_bytes_max, out);
  if (!call.key.empty() && !out.empty() && out != call.key)
    call.in.fail(errc::bad_request, "'msg_id' and 'Idempotency-Key' are not the same");
  if (!call.key.empty())
    out = call.key;
}

} // namespace troupe
