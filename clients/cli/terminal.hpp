// What is printed, and where: people get colours on a terminal, scripts get lines. What comes from
// others can't move the cursor or change the colours.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe_cli {

enum class ink { plain, dim, strong, cyan, green, yellow, red };

class terminal {
public:
  /// `name` stands before what goes to standard error: `troupe chat`.
  explicit terminal(std::string name);

  bool is_terminal() const { return terminal_; }
  /// The cursor can be moved: not on a dumb terminal, and not in a pipe.
  bool is_capable() const { return capable_; }

  std::string painted(ink with, std::string_view text) const;
  /// False when it can't be written: `on_broken` has been called then, once. What it has of control
  /// characters must stand in JSON: on a terminal they are escaped.
  bool line(std::string_view text);
  /// To standard error.
  void note(std::string_view text);
  /// What to do when nobody takes any more what is printed.
  void on_broken(std::function<void()> then) { broken_ = std::move(then); }
  /// Takes the line back that the user has just typed, where that can be done.
  void erase_typed_line();

private:
  std::string name_;
  bool terminal_;
  bool capable_;
  bool colours_;
  std::function<void()> broken_{};
};

/// Without what moves the cursor or turns the text round; line breaks stay, indented.
std::string printable(std::string_view text);

/// JSON as one line, with its bytes otherwise as they are.
std::string one_line(std::string json);

/// `12:00:00` of a timestamp of the server, in this machine's zone; empty if it is none.
std::string local_time(std::string_view timestamp);

} // namespace troupe_cli
