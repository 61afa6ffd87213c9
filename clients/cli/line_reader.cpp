#include "clients/cli/line_reader.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe_cli {

namespace {

bool can_be_waited_for() {
  struct stat what {};
  if (::fstat(STDIN_FILENO, &what) != 0)
    return false;
  if (S_ISCHR(what.st_mode))
    return ::isatty(STDIN_FILENO) == 1; // /dev/null, say
  return S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode);
}

} // namespace

line_reader::line_reader(boost::asio::io_context& on)
  : on_(on),
    input_(on),
    waits_(can_be_waited_for()) {
  if (waits_)
    input_.assign(::dup(STDIN_FILENO));
}

void line_reader::stop() {
  boost::system::error_code ignored;
  input_.cancel(ignored);
  ended_ = true;
  got_.clear();
}

void line_reader::next(taker then) {
  boost::asio::post(on_, [this, then = std::move(then)]() mutable {
    if (auto line = take_line())
      then(std::move(line));
    else if (ended_)
      then(std::nullopt);
    else
      wait(std::move(then));
  });
}

void line_reader::wait(taker then) {
  if (!waits_)
    return read(then);
  input_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this, then = std::move(then)](boost::system::error_code error) {
                      if (!error)
                        read(then);
                    });
}

void line_reader::read(const taker& then) {
  std::array<char, 65536> bytes;
  const auto count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (count > 0)
    got_.append(bytes.data(), static_cast<std::size_t>(count));
  else if (count == 0 || (errno != EAGAIN && errno != EINTR))
    ended_ = true;
  next(then);
}

// The last one may lack its end.
std::optional<std::string> line_reader::take_line() {
  const auto end = got_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = got_.size();
    if (!ended_ || got_.empty())
      return std::nullopt;
    searched_ = 0;
    return std::exchange(got_, {});
  }
  auto line = got_.substr(0, end);
  got_.erase(0, end + 1);
  searched_ = 0;
  if (line.ends_with('\r'))
    line.pop_back();
  return line;
}

} // namespace troupe_cli
