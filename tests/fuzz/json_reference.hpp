// What nlohmann/json says about a text: the reference for Troupe's own scanner. Pure.
//
// Where nlohmann is laxer or stricter than RFC 8259 the difference is evened out here: it skips a
// byte order mark, takes a zero byte for the end, and refuses numbers that a double cannot hold.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::test {

struct json_verdict {
  bool accepted = false;
  bool object = false;    ///< the outermost value is one
  bool overflow = false;  ///< ended at a number too big for a double: nothing is known of the rest
  std::size_t depth = 0;  ///< deepest nesting of arrays and objects
  std::size_t number = 0; ///< characters of the longest number that does not fit 64 bits
};

class json_judge final : public nlohmann::json_sax<nlohmann::json> {
public:
  json_verdict verdict;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t& text) override {
    verdict.number = std::max(verdict.number, text.size());
    return true;
  }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    verdict.object = verdict.object || (depth_ == 0);
    return deeper();
  }
  bool key(string_t&) override { return true; }
  bool end_object() override { return higher(); }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_array() override { return higher(); }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& why) override {
    constexpr int number_overflow = 406;
    verdict.overflow = why.id == number_overflow;
    return false;
  }

private:
  bool deeper() {
    verdict.depth = std::max(verdict.depth, ++depth_);
    return true;
  }
  bool higher() {
    --depth_;
    return true;
  }

  std::size_t depth_ = 0;
};

inline json_verdict judge(std::string_view text) {
  if (text.find('\0') != std::string_view::npos || text.substr(0, 3) == "\xef\xbb\xbf")
    return {};
  json_judge judge;
  const bool accepted = nlohmann::json::sax_parse(text, &judge);
  judge.verdict.accepted = accepted;
  return judge.verdict;
}

} // namespace troupe::test
