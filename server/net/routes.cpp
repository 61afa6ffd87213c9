#include "server/net/routes.hpp"

namespace troupe {

namespace http = boost::beast::http;

bool takes(methods allowed, http::verb method) {
  switch (allowed) {
  case methods::any:
    return true;
  case methods::get:
    return method == http::verb::get || method == http::verb::head;
  case methods::post:
    return method == http::verb::post;
  case methods::del:
    return method == http::verb::delete_;
  }
  return false;
}

http_response wrong_method(std::span<const methods> allowed) {
  std::string names, fields;
  for (const auto each : allowed) {
    const std::string_view one = each == methods::post  ? "POST"
                                 : each == methods::del ? "DELETE"
                                                        : "GET";
    names.append(names.empty() ? "" : " and ").append(one);
    fields.append(fields.empty() ? "" : ", ").append(one).append(one == "GET" ? ", HEAD" : "");
  }
  auto refused = error_response({errc::bad_request, "Only " + names + " here"}, 405);
  refused.fields = {{"Allow", fields}};
  return refused;
}

error no_such_path(std::string_view hint) {
  std::string message = "No such path";
  if (!hint.empty())
    message.append(": ").append(hint);
  return {errc::not_found, std::move(message)};
}

error no_such_path_but(std::string_view nearest) {
  return no_such_path(nearest.empty() ? "" : "did you mean " + std::string(nearest) + "?");
}

bool fits(std::string_view pattern, std::string_view path, std::string_view& open) {
  const bool may_be_empty = pattern.ends_with('*');
  const auto place = may_be_empty ? pattern.size() - 1 : pattern.find('{');
  if (place == std::string_view::npos)
    return path == pattern;
  const auto before = pattern.substr(0, place);
  const auto after = pattern.substr(may_be_empty ? pattern.size() : pattern.find('}') + 1);
  const auto fixed = before.size() + after.size();
  if (path.size() < fixed + (may_be_empty ? 0 : 1) || !path.starts_with(before) ||
      !path.ends_with(after))
    return false;
  open = path.substr(before.size(), path.size() - fixed);
  return true;
}

} // namespace troupe
