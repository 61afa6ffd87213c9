#include "troupe/wire/client_frame_readers.hpp"
#include "troupe/wire/nearest_word.hpp"

namespace troupe {

namespace {

// The `id`, when it is one that an answer can carry.
bool read_id(request_fields& in, const limits& bounds, request_id& out) {
  const json_slice* id = in.find("id");
  if (!id || id->kind == json_kind::null)
    return true;
  const bool integer =
    id->kind == json_kind::number && id->text.find_first_of(".eE") == std::string_view::npos;
  if (id->kind != json_kind::string && !integer)
    return in.fail(errc::bad_request, "'id' must be a string or an integer");
  if (id->text.size() > bounds.id_bytes_max)
    return in.fail(errc::bad_request,
                   "'id' must be at most " + std::to_string(bounds.id_bytes_max) + " bytes");
  out = id->raw();
  return true;
}

// For people: what they may have meant.
std::string about_unknown_type(std::string_view name) {
  constexpr std::size_t type_bytes_max = 32; // a longer one is none of ours, misspelt
  std::vector<std::string_view> known;
  for (const auto& each : client_readers::frame_types<request_fields>)
    known.push_back(each.name);
  const auto near = name.size() <= type_bytes_max ? nearest_word(name, known) : std::string_view{};
  std::string out = "'type' is not one that this server knows";
  return near.empty() ? out : out.append(": did you mean '").append(near).append("'?");
}

// The `id` of a text that is no JSON object, or not all of it: what was read before the fault may
// name one. Where two do, neither is the one.
request_id id_before_fault(const std::vector<json_member>& members, const limits& bounds) {
  request_id out;
  if (request_fields in(members, bounds); !read_id(in, bounds, out))
    return {};
  const auto named = std::count_if(members.begin(), members.end(), [](const json_member& each) {
    return each.key.escaped ? json_unescape(each.key) == "id" : each.key.text == "id";
  });
  return named == 1 ? out : request_id();
}

} // namespace

result<client_frame, refused_frame> decode(std::string_view text, const limits& bounds) {
  // One per thread, so that a frame costs no allocation here.
  thread_local std::vector<json_member> members;
  members.clear();
  if (const auto broken = scan_object(text, bounds.json_depth_max, members))
    return fail(refused_frame{id_before_fault(members, bounds), error_of(*broken)});
  request_fields in(members, bounds);
  client_frame out;
  if (!read_id(in, bounds, out.id))
    return fail(refused_frame{{}, std::move(in).error()});
  const json_slice* type = in.find("type");
  if (!type || type->kind != json_kind::string)
    return fail(refused_frame{std::move(out.id), {errc::bad_request, "'type' must be a string"}});
  const std::string unescaped = type->escaped ? json_unescape(*type) : std::string();
  const std::string_view name = type->escaped ? unescaped : type->text;
  for (const auto& known : client_readers::frame_types<request_fields>) {
    if (known.name != name)
      continue;
    out.body = known.read(in, bounds);
    if (in.failed())
      return fail(refused_frame{std::move(out.id), std::move(in).error()});
    return out;
  }
  return fail(refused_frame{std::move(out.id), {errc::unknown_type, about_unknown_type(name)}});
}

} // namespace troupe
