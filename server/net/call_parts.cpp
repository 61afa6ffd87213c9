#include "server/net/call_parts.hpp"

#include "server/text/url.hpp"
#include "troupe/json/utf8.hpp"
#include "troupe/wire/names.hpp"

namespace troupe {

namespace {

void note_path(const noting& call, field_kind kind, std::uint64_t max = UINT64_MAX) {
  call.in.note({{}, kind, 1, max, true, field_place::path});
}

} // namespace

std::string name_of(const reading& call, std::string_view what) {
  std::string name;
  if (!percent_decode(call.varying, name) || !valid_name(name))
    call.in.fail(errc::invalid_name, "Not a valid " + std::string(what) + " name");
  return name;
}

std::string name_of(const noting& call, std::string_view) {
  note_path(call, field_kind::name);
  return {};
}

std::string varying_text(const reading& call) {
  std::string text;
  if (!percent_decode(call.varying, text) || !valid_utf8(text) || text.size() > admin::id_bytes_max)
    call.in.fail(errc::invalid_name, "Not a valid user or role");
  return text;
}

std::string varying_text(const noting& call) {
  note_path(call, field_kind::text, admin::id_bytes_max);
  return {};
}

address_block varying_block(const reading& call) {
  return admin::read_block(call.in, varying_text(call));
}

address_block varying_block(const noting& call) {
  note_path(call, field_kind::address, admin::id_bytes_max);
  return {};
}

std::string parameter(const reading& call, std::string_view name, query_kind) {
  auto value = query_parameter(call.query, name);
  if (!value)
    call.in.fail(errc::bad_request, value.error());
  return std::move(value).value_or("");
}

std::string parameter(const noting& call, std::string_view name, query_kind what) {
  call.in.note({std::string(name), what.kind, what.min, what.max, false, field_place::query});
  return {};
}

} // namespace troupe
