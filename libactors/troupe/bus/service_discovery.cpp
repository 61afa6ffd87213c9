#include "troupe/bus/service_discovery.hpp"

#include "troupe/json/json_text.hpp"

namespace troupe::service {

namespace {

constexpr std::array<std::string_view, 3> verbs{"PING", "INFO", "STATS"};

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// The fields that every answer begins with: ADR-32, "ServiceIdentity".
std::string head(std::string_view type, const self& who) {
  return R"({"type":"io.nats.micro.v1.)" + std::string(type) + R"(","name":)" + quoted(who.name) +
         R"(,"id":)" + quoted(who.id) + R"(,"version":)" + quoted(who.version) +
         R"(,"metadata":{})";
}

std::string endpoint(std::string_view method, const self& who) {
  return R"({"name":)" + quoted(method) + R"(,"subject":)" +
         quoted(who.name + ".rpc." + std::string(method)) + R"(,"queue_group":"")";
}

std::string info(const self& who) {
  std::string out = head("info_response", who) +
                    R"(,"description":"Sends to those who are connected over WebSocket")"
                    R"(,"endpoints":[)";
  for (const auto method : methods)
    out += (out.back() == '[' ? "" : ",") + endpoint(method, who) + R"(,"metadata":{}})";
  return out += "]}";
}

std::string stats(const self& who, wall_time started, const figures& so_far) {
  std::string out = head("stats_response", who) + R"(,"started":")";
  append_timestamp(out, started);
  out += R"(","endpoints":[)";
  for (std::size_t i = 0; i < methods.size(); ++i) {
    const auto& of = so_far[i];
    const auto busy = static_cast<std::uint64_t>(of.busy.count());
    out += (i == 0 ? "" : ",") + endpoint(methods[i], who);
    out += json_fields{}
             .number("num_requests", of.requests)
             .number("num_errors", of.errors)
             .text("last_error", of.last_error)
             .number("processing_time", busy)
             .number("average_processing_time", of.requests == 0 ? 0 : busy / of.requests)
             .view();
    out += '}';
  }
  return out += "]}";
}

// A method as the framework's `describe` shows it. A generated client always sends all arguments:
// without `deny_seconds`, whose 0 would lift a denial each time. The hash is the one its
// `introspect` computes for a handler with these parameters that returns `dict[str, int]`: a client
// that was generated for another signature is told so.
struct described_method {
  std::string_view name;
  std::string_view doc;
  std::string_view params;
  std::string_view signature_hash;
};

constexpr described_method described[] = {
  {"kick", "Closes every connection of a user.",
   R"({"name":"user_id","type":{"kind":"scalar","name":"str"}},)"
   R"({"default":"","name":"reason","type":{"kind":"scalar","name":"str"}})",
   "sha256:d9dc78e18ccb4b204d31c8bad1382225f67e385ba0f3981a9cd5e7a3fe2f3850"},
  {"send_announcement", "Tells every connection.",
   R"({"name":"text","type":{"kind":"scalar","name":"str"}})",
   "sha256:773f318c3689c5cc49b42bf1822a9851ce9d8103cd01277a41796ec7587df198"},
  {"send_to_role", "Tells every connection of all users with a role.",
   R"({"name":"role","type":{"kind":"scalar","name":"str"}},)"
   R"({"name":"message","type":{"kind":"scalar","name":"str"}})",
   "sha256:69d1e2e460306fa2a940d0359ad7ecc705c2d9b886160955c9f864863dd4692e"},
  {"send_to_user", "Tells every connection of a user.",
   R"({"name":"user_id","type":{"kind":"scalar","name":"str"}},)"
   R"({"name":"message","type":{"kind":"scalar","name":"str"}})",
   "sha256:967cfcf4721588ae8e5455e2d2bbe8c16204c6b35a3f726d4e8a29f7198dfb41"},
};

constexpr std::string_view description_hash =
  "sha256:3476eeadb33d870de0dc8a6d3c7101d6fdb8fea4621170bf2275a578da4f0f25";

} // namespace

std::vector<std::string> discovery_subjects(const self& who) {
  std::vector<std::string> out;
  for (const auto verb : verbs) {
    const std::string all = "$SRV." + std::string(verb);
    out.push_back(all);
    out.push_back(all + "." + who.name);
    out.push_back(all + "." + who.name + "." + who.id);
  }
  return out;
}

std::string discovery_answer(std::string_view subject, const self& who, wall_time started,
                             const figures& so_far) {
  constexpr std::string_view prefix = "$SRV.";
  if (!subject.starts_with(prefix))
    return {};
  subject.remove_prefix(prefix.size());
  const auto verb = subject.substr(0, subject.find('.'));
  if (verb == "PING")
    return head("ping_response", who) + "}";
  if (verb == "INFO")
    return info(who);
  if (verb == "STATS")
    return stats(who, started, so_far);
  return {};
}

std::string description(const self& who) {
  std::string out = R"({"components":{},"description_hash":)" + quoted(description_hash) +
                    R"(,"listeners":[],"methods":[)";
  for (const auto& each : described) {
    const auto doc = quoted(each.doc);
    out += (out.back() == '[' ? "" : ",") + (R"({"description":)" + doc) + R"(,"doc":)" + doc +
           R"(,"doc_summary":)" + doc + R"(,"name":)" + quoted(each.name) + R"(,"params":[)" +
           std::string(each.params) +
           R"(],"returns":{"kind":"dict","value":{"kind":"scalar","name":"int"}})"
           R"(,"signature_hash":)" +
           quoted(each.signature_hash) + "}";
  }
  return out + R"(],"service":)" + quoted(who.name) + R"(,"streams":[],"version":)" +
         quoted(who.version) + "}";
}

} // namespace troupe::service
