// The descriptions of the protocol say all there is, in words too.
#include "server/describe/describe_command.hpp"
#include "server/describe/descriptions.hpp"
#include "server/describe/protocol_schemas.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::descriptions {
namespace {

using testing::IsEmpty;

TEST(describe, there_is_a_text_for_everything_and_everything_for_a_text) {
  texts words;
  asyncapi(words);
  openapi(words);
  typescript(words);
  EXPECT_THAT(words.missing(), IsEmpty()) << "see server/describe/texts.txt";
  EXPECT_THAT(words.unused(), IsEmpty()) << "see server/describe/texts.txt";
}

// Every `$ref` in it leads somewhere.
void check_references(const json& part, const json& whole) {
  if (part.is_object() && part.contains("$ref")) {
    const auto target = part.at("$ref").get<std::string>().substr(1);
    EXPECT_TRUE(whole.contains(json::json_pointer(target))) << target;
  }
  if (part.is_structured())
    for (const auto& each : part)
      check_references(each, whole);
}

TEST(describe, every_reference_leads_somewhere) {
  texts words;
  for (const auto& whole : {asyncapi(words), openapi(words)})
    check_references(whole, whole);
}

TEST(describe, a_schema_is_said_once) {
  texts words;
  const auto frames = asyncapi(words), calls = openapi(words);
  for (const auto& [name, schema] : calls.at("components").at("schemas").items())
    if (name != "ApiError") {
      EXPECT_EQ(schema, frames.at("components").at("schemas").at(name)) << name;
    }
}

TEST(describe, every_error_and_close_code_is_in_all_of_them) {
  texts words;
  const auto frames = asyncapi(words);
  const auto types = typescript(words);
  const auto& schemas = frames.at("components").at("schemas");
  const auto has = [&](const char* name, const json& value) {
    const auto& all = schemas.at(name).at("enum");
    EXPECT_NE(std::find(all.begin(), all.end(), value), all.end()) << name << value;
    EXPECT_THAT(types, testing::HasSubstr("| " + value.dump())) << name;
  };
#define TROUPE_ERROR(code, message, http_status) has("ErrorCode", #code);
#define TROUPE_CLOSE(name, code, reason, reconnect) has("CloseCode", code);
#include "troupe/wire/errors.def"
}

TEST(describe, every_one_has_a_name) {
  for (const auto& what : descriptions_there_are())
    EXPECT_GT(description_of(what).size(), 1000u) << what;
}

} // namespace
} // namespace troupe::descriptions
