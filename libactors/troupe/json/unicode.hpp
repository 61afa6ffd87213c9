// What a person sees of a character: by its category in the Unicode Character Database, and its
// property Default_Ignorable_Code_Point. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe {

enum class glyph : std::uint8_t {
  shown,   ///< letters, marks, digits, signs beyond ASCII; also those of later Unicode versions
  ascii,   ///< the same of ASCII
  blank,   ///< spaces (Zs), and signs of which nothing is drawn
  control, ///< ends a line or moves what is around it: Cc, Zl, Zp, and the bidirectional ones of Cf
  hidden,  ///< takes no place or has no form: the rest of Cf, fillers, noncharacters
  selector, ///< chooses the form of the character before it: variation selectors
  joiner,   ///< joins or parts its neighbours: U+200C, U+200D
};

glyph glyph_of(char32_t character);

/// Takes the first character off `text`, which is valid UTF-8 and not empty.
char32_t take_character(std::string_view& text);

} // namespace troupe
