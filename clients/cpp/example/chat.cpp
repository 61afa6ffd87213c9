#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <troupe_client/client.hpp>

#include <iostream>

int main(int, char** arguments) {
  boost::asio::io_context io;
  troupe_client::client chat(io.get_executor(), arguments[1], {.user = "Ann"},
                             {.state = [](const auto& now) {
                               std::cerr << name_of(now.is) << ' ' << now.reason << std::endl;
                             }});
  auto lobby = chat.room("lobby");
  auto heard =
    lobby.listen({.heard = [](const auto& frame) { std::cout << frame->text << std::endl; }});
  lobby.say("Hello!", boost::asio::detached);
  io.run();
}
