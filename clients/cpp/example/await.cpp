// A bot that answers in a room: what is said comes as a sequence, each answer is awaited.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <troupe_client/client.hpp>
#include <troupe_client/feed.hpp>

#include <iostream>

using boost::asio::use_awaitable;

boost::asio::awaitable<void> answer(const troupe_client::client& chat) {
  const auto lobby = chat.room("lobby");
  const troupe_client::feed said(lobby);
  while (auto next = co_await said.next(use_awaitable)) {
    if (!next->frame || next->frame->text_of("message") != "ping")
      continue;
    if (const auto at = co_await lobby.say("pong", use_awaitable))
      std::cout << "said at " << at->offset << std::endl;
    else
      std::cout << "not said: " << at.error().message << std::endl;
  }
}

int main(int, char** arguments) {
  boost::asio::io_context io;
  const troupe_client::client chat(io.get_executor(), arguments[1]);
  boost::asio::co_spawn(io, answer(chat), boost::asio::detached);
  io.run();
}
