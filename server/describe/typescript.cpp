#include "server/describe/descriptions.hpp"
#include "server/describe/protocol_schemas.hpp"

#include <algorithm>

namespace troupe::descriptions {

namespace {

constexpr std::string_view beginning =
  R"(// Every frame of Troupe's protocol (docs/protocol.md), as types alone: use `import type`.
// Printed by `troupe describe types` from what the server itself reads and writes. Don't edit.
//
//   ClientFrame    what a client sends; ServerFrame what it gets
//   KnownFrame     of the latter those whose type says what they are: narrow these by `type`
//   Answers        what answers a request; CommandResults what an admin's command brings back
)";

std::string type_of(const json& schema);

// As a comment in front of what it is about, in lines of at most 100 characters.
std::string comment(const json& schema, std::string_view indent) {
  std::string text = schema.value("description", "");
  if (text.empty())
    return {};
  const std::size_t width = 100 - indent.size() - 7;
  std::vector<std::string> lines;
  while (text.size() > width) {
    const auto end = std::min(text.rfind(' ', width), text.size());
    lines.push_back(text.substr(0, end));
    text.erase(0, end + 1);
  }
  lines.push_back(std::move(text));
  std::string out(indent);
  if (lines.size() == 1)
    return out + "/** " + lines[0] + " */\n";
  out += "/**\n";
  for (const auto& line : lines)
    out.append(indent).append(" * ").append(line).append("\n");
  return out.append(indent).append(" */\n");
}

std::string union_of(const json& parts) {
  std::string out;
  for (const auto& each : parts)
    out.append(out.empty() ? "" : " | ").append(type_of(each));
  return out;
}

std::string literals(const json& values) {
  std::string out;
  for (const auto& each : values)
    out.append(out.empty() ? "" : " | ").append(each.dump());
  return out;
}

bool needs(const json& schema, const std::string& key) {
  const auto found = schema.find("required");
  return found != schema.end() && std::find(found->begin(), found->end(), key) != found->end();
}

std::string fields_of(const json& schema) {
  std::string out;
  for (const auto& [key, field] : schema.at("properties").items())
    out.append(comment(field, "  "))
      .append("  ")
      .append(key)
      .append(needs(schema, key) ? ": " : "?: ")
      .append(type_of(field))
      .append(";\n");
  if (schema.value("additionalProperties", json(false)) == json(true))
    out.append("  [field: string]: unknown;\n");
  return out;
}

std::string type_of_object(const json& schema) {
  if (schema.contains("properties") && !schema.at("properties").empty()) {
    std::string out;
    for (const auto& [key, field] : schema.at("properties").items())
      out.append(out.empty() ? "" : "; ").append(key).append(": ").append(type_of(field));
    return "{ " + out + " }";
  }
  const auto of = schema.find("additionalProperties");
  const bool told = of != schema.end() && of->is_object();
  return "Record<string, " + (told ? type_of(*of) : "unknown") + ">";
}

std::string type_of(const json& schema) {
  if (const auto name = referred(schema); !name.empty())
    return name;
  if (schema.contains("allOf"))
    return type_of(schema.at("allOf").front());
  if (schema.contains("const"))
    return schema.at("const").dump();
  if (schema.contains("enum"))
    return literals(schema.at("enum"));
  for (const auto* either : {"oneOf", "anyOf"})
    if (schema.contains(either) && !schema.contains("properties"))
      return union_of(schema.at(either));
  const auto type = schema.value("type", json());
  if (type.is_array())
    return type_of_object(schema) + " | null";
  if (type == "string" || type == "boolean")
    return type.get<std::string>();
  if (type == "integer" || type == "number")
    return "number";
  if (type == "array") {
    const auto element = type_of(schema.at("items"));
    return element.find(' ') == std::string::npos ? element + "[]" : "Array<" + element + ">";
  }
  return type == "object" ? type_of_object(schema) : "unknown";
}

void declare(std::string& to, const std::string& name, const json& schema) {
  to.append("\n").append(comment(schema, {}));
  const bool fields = schema.contains("properties") && !schema.at("properties").empty();
  if (fields) {
    to.append("export interface ")
      .append(name)
      .append(" {\n")
      .append(fields_of(schema))
      .append("}\n");
    return;
  }
  const auto type = type_of(schema);
  to.append("export type ").append(name).append(" =");
  const std::string separator = " | ";
  if (type.size() < 60) {
    to.append(" ").append(type).append(";\n");
    return;
  }
  for (std::size_t from = 0; from < type.size();) {
    const auto end = std::min(type.find(separator, from), type.size());
    to.append("\n  | ").append(type.substr(from, end - from));
    from = end + separator.size();
  }
  to.append(";\n");
}

// -- from one to another -----------------------------------------------------------------------------

class type_map {
public:
  type_map(std::string name, const std::string& text)
    : text_("\n" + comment({{"description", text}}, {}) + "export interface " + std::move(name) +
            " {\n") {}

  void add(std::string_view from, std::string_view to) {
    text_.append("  ").append(from).append(": ").append(to).append(";\n");
  }
  std::string done() && { return std::move(text_).append("}\n"); }

private:
  std::string text_;
};

std::string schemas_of_type(const protocol_schemas& all, std::string_view type) {
  std::string out;
  for (const auto& each : all.frames)
    if (each.name == type)
      out.append(out.empty() ? "" : " | ").append(each.schema);
  return out.empty() ? "never" : out;
}

std::string maps(const protocol_schemas& all, texts& words) {
  type_map requests("Requests", words.of("map.Requests"));
  type_map answers("Answers", words.of("map.Answers"));
  for (const auto& each : all.requests) {
    requests.add(each.name, each.schema);
    const auto& types = answers_to(each.name);
    answers.add(each.name, types.empty() ? "never" : schemas_of_type(all, types.front()));
  }
  type_map frames("Frames", words.of("map.Frames"));
  for (const auto& each : all.frames) {
    const auto same = schemas_of_type(all, each.name);
    if (same.starts_with(each.schema)) // the first of this type
      frames.add(each.name, same);
  }
  type_map commands("Commands", words.of("map.Commands"));
  type_map results("CommandResults", words.of("map.CommandResults"));
  for (const auto& each : all.commands) {
    commands.add(each.name, each.schema);
    results.add(each.name, each.result);
  }
  return std::move(requests).done() + std::move(answers).done() + std::move(frames).done() +
         std::move(commands).done() + std::move(results).done();
}

} // namespace

std::string typescript(texts& words) {
  const auto all = describe_protocol(words);
  std::string out(beginning);
  for (const auto& [name, schema] : all.schemas.items())
    declare(out, name, schema);
  return out + maps(all, words);
}

} // namespace troupe::descriptions
