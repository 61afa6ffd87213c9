#include "troupe/wire/troupe_v1.hpp"

#include "troupe/json/json_text.hpp"

namespace troupe {

namespace {

// -- kinds of fields, in the order of server_events.hpp; a key comes as `,"key":` --------------------

// What a field adds beside its value, and a little for the rest: enough for one allocation.
constexpr std::size_t frame_bytes = 96;

struct text {
  static std::size_t size(const std::string& value) { return value.size(); }
  static void put(std::string& to, std::string_view key, std::string_view value) {
    to.append(key);
    append_json_string(to, value);
  }
};

struct optional_text : text {
  static void put(std::string& to, std::string_view key, std::string_view value) {
    if (!value.empty())
      text::put(to, key, value);
  }
};

// Calls `put(element)` for each, with commas between them.
template <class Range, class Put>
void put_each(std::string& to, const Range& range, Put put) {
  bool first = true;
  for (const auto& each : range) {
    if (!std::exchange(first, false))
      to.push_back(',');
    put(each);
  }
}

struct texts {
  static std::size_t size(const std::vector<std::string>&) { return 0; }
  static void put(std::string& to, std::string_view key, const std::vector<std::string>& values) {
    to.append(key);
    to.push_back('[');
    put_each(to, values, [&](const std::string& each) { append_json_string(to, each); });
    to.push_back(']');
  }
};

struct number {
  static std::size_t size(std::uint64_t) { return 0; }
  static void put(std::string& to, std::string_view key, std::uint64_t value) {
    to.append(key);
    append_number(to, value);
  }
};

struct optional_number {
  static std::size_t size(const std::optional<std::uint64_t>&) { return 0; }
  static void put(std::string& to, std::string_view key,
                  const std::optional<std::uint64_t>& value) {
    if (value)
      number::put(to, key, *value);
  }
};

struct flag {
  static std::size_t size(bool) { return 0; }
  static void put(std::string& to, std::string_view key, bool value) {
    to.append(key);
    to.append(value ? "true" : "false");
  }
};

struct optional_flag {
  static std::size_t size(std::optional<bool>) { return 0; }
  static void put(std::string& to, std::string_view key, std::optional<bool> value) {
    if (value)
      flag::put(to, key, *value);
  }
};

// Seconds as a person writes them: 30, 0.2.
struct seconds {
  static std::size_t size(std::chrono::milliseconds) { return 0; }
  static void put(std::string& to, std::string_view key, std::chrono::milliseconds value) {
    number::put(to, key, static_cast<std::uint64_t>(value.count() / 1000));
    auto thousandths = static_cast<unsigned>(value.count() % 1000);
    if (thousandths == 0)
      return;
    to.push_back('.');
    for (unsigned digit = 100; thousandths > 0; thousandths %= digit, digit /= 10)
      to.push_back(static_cast<char>('0' + thousandths / digit));
  }
};

struct time {
  static std::size_t size(wall_time) { return 0; }
  static void put(std::string& to, std::string_view key, wall_time value) {
    to.append(key);
    to.push_back('"');
    append_timestamp(to, value);
    to.push_back('"');
  }
};

struct json {
  static std::size_t size(const std::string& value) { return value.size(); }
  static void put(std::string& to, std::string_view key, std::string_view value) {
    to.append(key);
    to.append(value);
  }
};

struct members {
  static std::size_t size(const std::string& value) { return value.size(); }
  static void put(std::string& to, std::string_view, std::string_view value) { to.append(value); }
};

struct request {
  static std::size_t size(const request_id& value) { return value.size(); }
  static void put(std::string& to, std::string_view key, const request_id& value) {
    if (!value.empty())
      json::put(to, key, value);
  }
};

struct person {
  static std::size_t size(const identity_ptr&) { return 0; }
  static void put(std::string& to, std::string_view key, const identity_ptr& value) {
    to.append(key);
    to.append(R"({"id":)");
    append_json_string(to, value->user_id);
    text::put(to, R"(,"username":)", value->username);
    texts::put(to, R"(,"roles":)", value->roles);
    to.push_back('}');
  }
};

struct positions {
  static std::size_t size(const std::vector<events::topic_position>&) { return 0; }
  static void put(std::string& to, std::string_view key,
                  const std::vector<events::topic_position>& values) {
    to.append(key);
    to.push_back('{');
    put_each(to, values, [&](const events::topic_position& each) {
      append_json_string(to, each.name);
      to.append(":{");
      if (!each.at.epoch.empty()) {
        text::put(to, R"("epoch":)", each.at.epoch);
        number::put(to, R"(,"offset":)", each.at.offset);
        to.push_back(',');
      }
      flag::put(to, R"("recovered":)", each.recovered.value_or(false));
      optional_number::put(to, R"(,"top":)", each.top);
      to.push_back('}');
    });
    to.push_back('}');
  }
};

struct refusals {
  static std::size_t size(const std::vector<error>&) { return 0; }
  static void put(std::string& to, std::string_view key, const std::vector<error>& values) {
    if (values.empty())
      return;
    to.append(key);
    to.push_back('[');
    put_each(to, values, [&](const error& each) {
      text::put(to, R"({"topic":)", each.name);
      text::put(to, R"(,"code":)", to_string(each.code));
      text::put(to, R"(,"message":)", each.message);
      if (each.retry_after.count() > 0) {
        to.append(R"(,"retry_after_ms":)");
        append_number(to, static_cast<std::uint64_t>(each.retry_after.count()));
      }
      to.push_back('}');
    });
    to.push_back(']');
  }
};

struct present_users {
  static std::size_t size(const events::kinds::present_users& values) {
    constexpr std::size_t entry_bytes = 64;
    std::size_t out = 0;
    if (values)
      for (const auto& each : *values)
        out += entry_bytes + each.user.size() + each.user_id.size() + each.state.size();
    return out;
  }
  static void put(std::string& to, std::string_view key,
                  const events::kinds::present_users& values) {
    if (!values)
      return;
    to.append(key);
    to.push_back('[');
    put_each(to, *values, [&](const events::present_user& each) {
      text::put(to, R"({"user":)", each.user);
      optional_text::put(to, R"(,"user_id":)", each.user_id);
      optional_text::put(to, R"(,"from":)", each.from);
      if (each.connections > 0)
        number::put(to, R"(,"connections":)", each.connections);
      if (!each.state.empty())
        json::put(to, R"(,"state":)", each.state);
      to.push_back('}');
    });
    to.push_back(']');
  }
};

bool put_event(std::string& to, const server_event& what);

struct frames {
  static std::size_t size(const events::kinds::frames&) { return 0; }
  static void put(std::string& to, std::string_view key, const events::kinds::frames& values) {
    to.append(key);
    to.push_back('[');
    put_each(to, values, [&](const event_ptr& each) { put_event(to, each->what()); });
    to.push_back(']');
  }
};

// -- events ------------------------------------------------------------------------------------------

std::size_t size_of(const no_event&) {
  return 0;
}

#define TROUPE_EVENT(name, type)                                                                   \
  std::size_t size_of([[maybe_unused]] const events::name& e) {                                    \
    std::size_t bytes = frame_bytes;
#define TROUPE_NAMED_EVENT(name) TROUPE_EVENT(name, "") bytes += e.type.size();
#define TROUPE_FIELD(key, kind) bytes += kind::size(e.key);
#define TROUPE_EVENT_END                                                                           \
  return bytes;                                                                                    \
  }
#include "troupe/wire/server_events.def"

bool put(std::string&, const no_event&) {
  return false;
}

#define TROUPE_EVENT(name, type)                                                                   \
  bool put(std::string& to, [[maybe_unused]] const events::name& e) {                              \
    to.append("{\"type\":\"" type "\"");
#define TROUPE_NAMED_EVENT(name)                                                                   \
  bool put(std::string& to, const events::name& e) {                                               \
    to.append(R"({"type":)");                                                                      \
    append_json_string(to, e.type);
#define TROUPE_FIELD(key, kind) kind::put(to, ",\"" #key "\":", e.key);
#define TROUPE_EVENT_END                                                                           \
  to.push_back('}');                                                                               \
  return true;                                                                                     \
  }
#include "troupe/wire/server_events.def"

bool put_event(std::string& to, const server_event& what) {
  return std::visit(
    [&](const auto& event) {
      to.reserve(to.size() + size_of(event));
      return put(to, event);
    },
    what);
}

class v1 final : public dialect {
public:
  std::string_view name() const override { return "troupe.v1"; }

  result<client_frame, refused_frame> decode(std::string_view text,
                                             const limits& bounds) const override {
    return troupe::decode(text, bounds);
  }

  bool encode(const server_event& what, std::string& out) const override {
    return put_event(out, what);
  }
};

} // namespace

const dialect& troupe_v1() {
  static const v1 only;
  return only;
}

} // namespace troupe
