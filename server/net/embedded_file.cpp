#include "server/net/embedded_file.hpp"

#include "server/net/list_fields.hpp"

namespace troupe {

http_response file_response(const embedded_file& file, const http_header& request) {
  const auto tag = '"' + std::string(file.hash.substr(0, 16)) + '"';
  http_response response{.status = 200,
                         .content_type = std::string(file.content_type),
                         .body = {},
                         .fields = {{"Cache-Control", "no-cache"},
                                    {"ETag", tag},
                                    {"X-Content-Type-Options", "nosniff"}}};
  // No tag has a quote inside, so one with its quotes is found in a list as a whole or not at all.
  const auto known = whole_list(request, boost::beast::http::field::if_none_match);
  if (known == "*" || known.find(tag) != std::string::npos)
    response.status = 304;
  else
    response.body = file.bytes;
  return response;
}

} // namespace troupe
