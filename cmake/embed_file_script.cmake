# Runs at build time: writes OUTPUT, a C++ source that holds the bytes of INPUT as SYMBOL.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <string_view>
namespace troupe {
extern const std::string_view ${SYMBOL};
static constexpr unsigned char ${SYMBOL}_bytes[] = {
${bytes}0};
const std::string_view ${SYMBOL}{reinterpret_cast<const char*>(${SYMBOL}_bytes), sizeof ${SYMBOL}_bytes - 1};
} // namespace troupe
")
