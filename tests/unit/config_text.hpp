#pragma once
// What tests of configurations share: a text that is right, or what is said of one that is not.

#include "server/config/load_config.hpp"
#include "server/log/printable.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe::test {

inline config loaded(const std::string& text) {
  const auto result = load_config_text(text, "f");
  for (const auto& error : result.errors)
    ADD_FAILURE() << to_string(error);
  return result.value.value_or(config{});
}

// A line an error, with the name `f` for the file.
inline std::string errors_of(const std::string& text) {
  const auto result = load_config_text(text, "f");
  EXPECT_EQ(result.value.has_value(), result.errors.empty());
  std::string out;
  for (const auto& error : result.errors) {
    EXPECT_TRUE(is_printable(to_string(error))) << to_string(error);
    out += to_string(error) + '\n';
  }
  return out;
}

// A parameter of tests: a text, and what is said of it.
struct refusal {
  std::string text;
  std::string errors;
};

} // namespace troupe::test
