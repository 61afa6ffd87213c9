// Text with places to fill in, parsed once: {time} (the token, see token.hpp), {seq} (the sequence
// number in decimal), {room}, {pad} (as many x as bring the whole to a wanted size). The escapes
// \r \n \t \\ and \xNN may be used, so that binary dialects can be written on a command line. Pure.
#pragma once

#include "token.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::bench {

class message_template {
public:
  message_template() = default;
  explicit message_template(std::string_view text);

  // Appends the filled-in text to `out`. Where the template has a {pad}, the text is padded to
  // `size` bytes if it is shorter.
  void expand(std::string& out, std::string_view room, const run_mark& mark, const token& t,
              std::size_t size) const;

  // For texts without a token: paths, hello frames.
  std::string expand(std::string_view room) const;

  bool has_token() const noexcept;
  bool empty() const noexcept { return parts_.empty(); }

private:
  enum class kind { literal, time, sequence, room, pad };
  struct part {
    kind what;
    std::string text;
  };

  std::vector<part> parts_;
};

} // namespace troupe::bench
