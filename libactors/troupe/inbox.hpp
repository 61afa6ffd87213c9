// The inbox: a topic for each user, to which what is sent to that user goes, whether anybody is
// there or not. Its name is a pattern with the user's id in the place of `{user_id}`. Pure.
#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// A pattern of names as name_pattern.hpp reads them, with `{user_id}` once, no other placeholder
/// or wildcard, and another part: else every name of one part would be somebody's inbox.
bool valid_inbox_pattern(std::string_view pattern);

/// The inbox of this user by such a pattern. Empty where that is empty, and where there is no such
/// name, because the id is too long for one.
std::string inbox_of(std::string_view pattern, std::string_view user_id);

} // namespace troupe
