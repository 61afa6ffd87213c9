// Standard input, line by line, without a thread and without changing how the terminal's descriptor
// behaves for others: it waits until something is there, and only then reads.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <optional>
#include <string>

namespace troupe_cli {

class line_reader {
public:
  /// A line without its end; nothing at the end of input.
  using taker = std::function<void(std::optional<std::string>)>;

  explicit line_reader(boost::asio::io_context& on);

  /// Calls `then` once, and not at once. One call at a time.
  void next(taker then);
  void stop();

private:
  void wait(taker then);
  void read(const taker& then);
  std::optional<std::string> take_line();

  boost::asio::io_context& on_;
  boost::asio::posix::stream_descriptor input_;
  bool waits_; // files and the like are always readable, and can't be waited for
  std::string got_{};
  std::size_t searched_ = 0;
  bool ended_ = false;
};

} // namespace troupe_cli
