// The descriptions of the protocol for machines, as `troupe describe` prints them. Pure.
#pragma once

#include "server/describe/json_schema.hpp"

#include <string>

namespace troupe::descriptions {

/// Of the frames over WebSocket: docs/asyncapi.json.
json asyncapi(texts& words);
/// Of what is asked over HTTP: docs/openapi.json.
json openapi(texts& words);
/// Of the frames, for TypeScript: clients/js/src/frames.ts.
std::string typescript(texts& words);

/// A parameter of the query of a WebSocket's path.
struct ws_query_parameter {
  std::string name;
  json schema;
};
std::vector<ws_query_parameter> ws_query(texts& words);

} // namespace troupe::descriptions
