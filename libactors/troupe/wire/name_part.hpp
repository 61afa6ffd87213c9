// How a value from outside, such as a user's id, is one part of a name. Pure.
//
// Letters, digits and `_ - @ /` stand for themselves. Each other byte, and so what means something
// in a name or a pattern (`.` `:` `*` `>`), is `:` and two upper-case hex digits: `auth0|7` is
// `auth0:7C7`. So no two values have the same part, and no value is more than one.
#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// The part that stands for `value`; empty where it is empty. It may be longer than a name.
std::string name_part_of(std::string_view value);

/// Whether `part` is the one that stands for `value`. No part stands for an empty value.
bool is_name_part_of(std::string_view part, std::string_view value);

} // namespace troupe
