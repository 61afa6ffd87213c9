#include "server/bridges/tail_command.hpp"

#include "server/bridges/nats_options.hpp"
#include "server/bridges/nats_pointers.hpp"
#include "troupe/subject_pattern.hpp"
#include "troupe/wire/timestamp.hpp"

#include <csignal>
#include <memory>
#include <ostream>
#include <utility>

namespace troupe {

namespace {

volatile std::sig_atomic_t told_to_end = 0;

// Without SA_RESTART there is nothing to restart: the loop below looks up four times a second.
void heed_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { told_to_end = 1; };
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

// They end in the order that the library wants.
struct listening {
  std::unique_ptr<nats_options> options;
  owned_connection link;
  owned_subscription from;
};

text_result<> listen(const tail_command& wanted, listening& out) {
  constexpr std::int64_t flush_ms = 5'000;
  nats_config settings;
  settings.url = wanted.nats;
  settings.credentials_file = wanted.credentials_file;
  settings.name = "troupe tail";
  auto made = nats_options::make(settings);
  if (!made)
    return fail(std::move(made).error());
  out.options = *std::move(made);
  natsConnection* link = nullptr;
  auto status = natsConnection_Connect(&link, out.options->get());
  out.link.reset(link);
  natsSubscription* from = nullptr;
  if (status == NATS_OK)
    status = natsConnection_SubscribeSync(&from, link, wanted.subject.c_str());
  out.from.reset(from);
  if (status == NATS_OK)
    status = natsConnection_FlushTimeout(link, flush_ms);
  if (status != NATS_OK)
    return fail(nats_error(status, settings));
  const char* said = nullptr; // say that it is not permitted: the connection stays
  if (natsConnection_GetLastError(link, &said) != NATS_OK)
    return fail(nats_words(said, settings));
  return {};
}

std::string now() {
  std::string out;
  append_timestamp(out, wall_now());
  return out;
}

} // namespace

int run_tail(const tail_command& wanted, std::ostream& out, std::ostream& err) {
  constexpr std::int64_t look_up_ms = 250;
  if (!valid_subject_pattern(wanted.subject)) {
    err << "troupe tail: not a subject: parts divided by dots, * for one, > for the rest\n";
    return 1;
  }
  heed_signals();
  listening here;
  if (const auto listens = listen(wanted, here); !listens) {
    err << "troupe tail: cannot listen to NATS: " << listens.error() << '\n';
    return 1;
  }
  err << "troupe tail: listening\n" << std::flush;
  for (std::uint64_t printed = 0; !told_to_end;) {
    natsMsg* got = nullptr;
    const auto status = natsSubscription_NextMsg(&got, here.from.get(), look_up_ms);
    const owned_message message(got);
    if (status == NATS_OK) {
      const char* reply = natsMsg_GetReply(got);
      out << tail_line(
               {natsMsg_GetSubject(got),
                reply ? reply : "",
                {natsMsg_GetData(got), static_cast<std::size_t>(natsMsg_GetDataLength(got))}},
               now())
          << '\n'
          << std::flush;
      if (!out)
        return 1; // nobody reads any more
      if (++printed == wanted.count)
        break;
    } else if (status == NATS_SLOW_CONSUMER) {
      err << "troupe tail: too slow, some messages are missing here\n" << std::flush;
    } else if (status != NATS_TIMEOUT) {
      err << "troupe tail: " << natsStatus_GetText(status) << '\n';
      return 1;
    }
  }
  return 0;
}

} // namespace troupe
