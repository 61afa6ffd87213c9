// A chat room as lines for people: what was said, who is there, who comes and goes. Only what is
// said is for scripts, too: in a pipe the rest is a note.
#pragma once

#include "clients/cli/terminal.hpp"

#include <troupe_client/frame.hpp>

#include <map>
#include <string>

namespace troupe_cli {

class chat_view {
public:
  explicit chat_view(terminal& out, bool only_notes) : out_(out), only_notes_(only_notes) {}

  /// A frame of the room. `own` is the sender's id of this client: what its user has typed on a
  /// terminal stands there already, or has been taken back.
  void show(const troupe_client::frame& what, const std::string& own);
  /// Who is there, from a frame that is printed as it is.
  void learn(const troupe_client::frame& what);
  void missing(const std::string& what);
  /// Everybody who is there.
  void list_people();

private:
  void message(const troupe_client::json& what, const std::string& own);
  void here(const troupe_client::frame& what);
  void changed(const troupe_client::frame& what);
  bool takes_lines() const { return out_.is_terminal() && !only_notes_; }
  void told(std::string_view text);

  terminal& out_;
  bool only_notes_;                             // somebody else prints the frames
  std::map<std::string, std::string> people_{}; // their names, by user or connection
  std::uint64_t count_ = 0;
  bool told_who_ = false; // presence is told: then `user_joined` and `user_left` say nothing new
};

} // namespace troupe_cli
