// What can be done about an error, for people: one sentence, or none. Pure.
#pragma once

#include <troupe_client/result.hpp>
#include <troupe_client/state.hpp>

#include <string>
#include <string_view>

namespace troupe_cli {

/// The URL as the client takes it: `localhost:8081` and `http://…` are good, too.
std::string whole_url(std::string_view given);

/// About a connection that could not be made, or was ended.
std::string advice_about(const troupe_client::state& now, const std::string& url, bool has_token);
/// About a request that was refused.
std::string advice_about(const troupe_client::failure& why, bool has_token);

} // namespace troupe_cli
