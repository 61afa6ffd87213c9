// What nlohmann/json says about a text: the reference for Troupe's own scanner. Pure.
//
// Where nlohmann is laxer or stricter than RFC 8259 the difference is evened out here: it skips a
// byte order mark, takes a zero byte for the end, refuses numbers that a double cannot hold, and of
// a key that comes twice keeps the last value.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

struct json_verdict {
  bool accepted = false;   ///< by the grammar
  bool object = false;     ///< the outermost value is one
  bool overflow = false;   ///< ended at a number too big for a double: nothing is known of the rest
  std::size_t depth = 0;   ///< deepest nesting of arrays and objects
  std::size_t number = 0;  ///< characters of the longest number that does not fit 64 bits
  bool twice = false;      ///< an object has a key twice
  std::size_t members = 0; ///< of the outermost object, as far as it was read
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
    keys_.emplace_back();
    return deeper();
  }
  bool key(string_t& key) override {
    verdict.twice = !keys_.back().insert(key).second || verdict.twice;
    verdict.members += keys_.size() == 1 && verdict.object ? 1 : 0;
    return true;
  }
  bool end_object() override {
    keys_.pop_back();
    return higher();
  }
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
  std::vector<std::set<std::string>> keys_; ///< of the objects that are open
};

inline json_verdict judge(std::string_view text) {
  if (text.substr(0, 3) == "\xef\xbb\xbf")
    return {};
  const auto zero = text.find('\0');
  json_judge judge;
  const bool accepted = nlohmann::json::sax_parse(text.substr(0, zero), &judge);
  judge.verdict.accepted = accepted && zero == std::string_view::npos;
  return judge.verdict;
}

} // namespace troupe::test
