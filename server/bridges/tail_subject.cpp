#include "server/bridges/tail_command.hpp"
#include "troupe/subject_pattern.hpp"
#include "troupe/timestamp.hpp"

#include <nats/nats.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <ostream>
#include <vector>

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

template <class T, void (*destroy)(T*)>
struct with {
  void operator()(T* owned) const { destroy(owned); }
};
using options_ptr = std::unique_ptr<natsOptions, with<natsOptions, natsOptions_Destroy>>;
using connection_ptr =
  std::unique_ptr<natsConnection, with<natsConnection, natsConnection_Destroy>>;
using subscription_ptr =
  std::unique_ptr<natsSubscription, with<natsSubscription, natsSubscription_Destroy>>;
using message_ptr = std::unique_ptr<natsMsg, with<natsMsg, natsMsg_Destroy>>;

// The library's handles; they end in the order that it wants.
struct listening {
  options_ptr options;
  connection_ptr link;
  subscription_ptr from;
};

// As `[nats] url` is written: several with commas, TLS where one asks for it.
natsStatus set_servers(natsOptions* options, const std::string& urls) {
  std::vector<std::string> each;
  for (std::size_t begin = 0; begin <= urls.size();) {
    const auto end = std::min(urls.find(',', begin), urls.size());
    each.push_back(urls.substr(begin, end - begin));
    begin = end + 1;
  }
  std::vector<const char*> list;
  for (const auto& url : each)
    list.push_back(url.c_str());
  auto status = natsOptions_SetServers(options, list.data(), static_cast<int>(list.size()));
  if (status == NATS_OK && urls.find("tls://") != std::string::npos)
    status = natsOptions_SetSecure(options, true);
  return status;
}

natsStatus listen(const tail_command& wanted, listening& out) {
  constexpr std::int64_t flush_ms = 5'000;
  natsOptions* options = nullptr;
  natsStatus status = natsOptions_Create(&options);
  out.options.reset(options);
  if (status == NATS_OK)
    status = set_servers(options, wanted.nats);
  if (status == NATS_OK && !wanted.credentials_file.empty())
    status =
      natsOptions_SetUserCredentialsFromFiles(options, wanted.credentials_file.c_str(), nullptr);
  if (status == NATS_OK)
    status = natsOptions_SetName(options, "troupe tail");
  if (status == NATS_OK)
    status = natsOptions_SetMaxReconnect(options, -1);
  natsConnection* link = nullptr;
  if (status == NATS_OK)
    status = natsConnection_Connect(&link, options);
  out.link.reset(link);
  natsSubscription* from = nullptr;
  if (status == NATS_OK)
    status = natsConnection_SubscribeSync(&from, link, wanted.name.c_str());
  out.from.reset(from);
  return status == NATS_OK ? natsConnection_FlushTimeout(link, flush_ms) : status;
}

std::string now() {
  std::string out;
  append_timestamp(out, wall_now());
  return out;
}

} // namespace

int tail_subject(const tail_command& wanted, std::ostream& out, std::ostream& err) {
  constexpr std::int64_t look_up_ms = 250;
  if (!valid_subject_pattern(wanted.name)) {
    err << "troupe tail: not a subject: tokens divided by dots, * for one, > for the rest\n";
    return 1;
  }
  heed_signals();
  listening here;
  if (const auto status = listen(wanted, here); status != NATS_OK) {
    err << "troupe tail: cannot listen to NATS: " << natsStatus_GetText(status) << '\n';
    return 1;
  }
  err << "troupe tail: listening\n" << std::flush;
  for (std::uint64_t printed = 0; !told_to_end;) {
    natsMsg* got = nullptr;
    const auto status = natsSubscription_NextMsg(&got, here.from.get(), look_up_ms);
    const message_ptr message(got);
    if (status == NATS_OK) {
      const char* reply = natsMsg_GetReply(got);
      out << tail_line(
               {natsMsg_GetSubject(got),
                reply ? reply : "",
                {natsMsg_GetData(got), static_cast<std::size_t>(natsMsg_GetDataLength(got))}},
               now())
          << '\n'
          << std::flush;
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

int run_tail(const tail_command& wanted, std::ostream& out, std::ostream& err) {
  return wanted.url.empty() ? tail_subject(wanted, out, err) : tail_topic(wanted, out, err);
}

} // namespace troupe
