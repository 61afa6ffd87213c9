#include "troupe/wire/request_fields.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

// The fields of an object, and what is read from them.
class request {
public:
  explicit request(std::string text) : text_(std::move(text)) {
    EXPECT_FALSE(scan_object(text_, 64, members_)) << text_;
  }
  request_fields in() const { return {members_, bounds_}; }

private:
  const std::string text_;
  std::vector<json_member> members_;
  const limits bounds_{};
};

TEST(request_fields, a_field_is_found_by_its_whole_name) {
  const request r(R"({"ab":1,"a":[2],"":3,"\u0062":4})");
  const auto in = r.in();
  EXPECT_EQ(in.find("a")->text, "[2]");
  EXPECT_EQ(in.find("ab")->text, "1");
  EXPECT_EQ(in.find("")->text, "3");
  EXPECT_EQ(in.find("b")->text, "4");
  EXPECT_EQ(in.find("abc"), nullptr);
}

TEST(request_fields, an_absent_string_is_no_failure_unless_it_is_required) {
  const request r(R"({"null":null})");
  auto in = r.in();
  std::string out = "untouched";
  EXPECT_FALSE(in.string("a", 10, out));
  EXPECT_FALSE(in.string("null", 10, out));
  EXPECT_FALSE(in.name("a", out));
  EXPECT_FALSE(in.name("null", out));
  EXPECT_FALSE(in.failed());
  EXPECT_EQ(out, "untouched");
  in.required_string("a", 10, out);
  EXPECT_TRUE(in.failed());
  const auto error = std::move(in).error();
  EXPECT_EQ(error.code, errc::bad_request);
  EXPECT_EQ(error.message, "'a' is required");
}

TEST(request_fields, a_string_is_measured_in_the_bytes_it_means) {
  const request r(R"({"a":"\u00e9\u00e9","b":"12345"})");
  auto in = r.in();
  std::string out;
  EXPECT_TRUE(in.string("a", 4, out));
  EXPECT_EQ(out, "\xc3\xa9\xc3\xa9");
  EXPECT_FALSE(in.string("b", 4, out));
  EXPECT_EQ(std::move(in).error().message, "'b' must be at most 4 bytes");
}

TEST(request_fields, the_first_failure_is_the_one_that_is_told) {
  const request r(R"({"a":1,"b":"x y"})");
  auto in = r.in();
  std::string out;
  in.required_string("a", 10, out);
  in.required_name("b", out);
  in.fail(errc::internal, "later");
  const auto error = std::move(in).error();
  EXPECT_EQ(error.code, errc::bad_request);
  EXPECT_EQ(error.message, "'a' must be a string");
}

TEST(request_fields, any_takes_null_for_a_value) {
  const request r(R"({"null":null,"s":"x"})");
  auto in = r.in();
  std::string_view out;
  EXPECT_TRUE(in.any("null", out));
  EXPECT_EQ(out, "null");
  EXPECT_TRUE(in.any("s", out));
  EXPECT_EQ(out, "\"x\"");
  EXPECT_FALSE(in.any("a", out));
}

} // namespace
} // namespace troupe
