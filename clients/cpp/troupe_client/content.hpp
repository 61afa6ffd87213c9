// What a user says: any JSON. What is JSON text already goes out byte for byte, so that numbers
// keep their digits.
#pragma once

#include "troupe_client/frame.hpp"

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace troupe_client {

/// Must be one JSON value: it is not looked at.
struct raw_json {
  std::string text;
};

/// Is it one JSON value? Unlike `json::accept` it takes a number of any size.
bool is_json(std::string_view text);

class content {
public:
  content(raw_json from) : text_(std::move(from.text)) {} // NOLINT(google-explicit-constructor)

  template <class From>
  requires std::constructible_from<json, From> &&(!std::same_as<std::decay_t<From>, content>)
    content(From&& from) // NOLINT(google-explicit-constructor)
    : text_(json(std::forward<From>(from)).dump(-1, ' ', false, json::error_handler_t::replace)) {}

  /// `{{"n", 1}, {"m", 2}}`, as `json` takes it.
  content(json::initializer_list_t from) : content(json(from)) {}

  std::string take() && { return std::move(text_); }

private:
  std::string text_;
};

} // namespace troupe_client
