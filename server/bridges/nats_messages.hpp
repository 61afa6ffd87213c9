// The messages between the link to NATS and the NATS thread.
#pragma once

#include "server/bridges/nats_outbox.hpp"
#include "troupe/messages.hpp"

#include <caf/actor_clock.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <string>

namespace troupe {

/// NATS is there, or away.
struct nats_state {
  bool connected = false;
};

/// The thread has done with a batch, and can take another. What is in `returned` was not sent.
struct nats_batch_done {
  nats_batch returned;
};

/// Something came for one of the link's inboxes.
struct nats_reply {
  std::string inbox; ///< the subject it came on
  bool no_responders = false;
  std::string payload;
  troupe::credit credit;
};

/// The link to itself: some request may have waited for as long as it may.
struct nats_expired {
  caf::actor_clock::time_point at; ///< when it was to come
};

/// From the server, at its end: give NATS what waits for it, then end.
struct nats_finish {};

/// The bus, as the rest of the server knows it, and what only its own thread says to it.
using nats_link_actor =
  bus_actor::extend<caf::reacts_to<nats_state>, caf::reacts_to<nats_batch_done>,
                    caf::reacts_to<nats_reply>, caf::reacts_to<nats_expired>,
                    caf::reacts_to<nats_finish>>;

} // namespace troupe

// Far behind the ids of libactors' messages.
CAF_BEGIN_TYPE_ID_BLOCK(troupe_nats, caf::first_custom_type_id + 1000)
#define TROUPE_NATS_MESSAGE(name)                                                                  \
  CAF_ADD_TYPE_ID(troupe_nats, (troupe::name))                                                     \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::name)
TROUPE_NATS_MESSAGE(nats_state)
TROUPE_NATS_MESSAGE(nats_batch_done)
TROUPE_NATS_MESSAGE(nats_reply)
TROUPE_NATS_MESSAGE(nats_expired)
TROUPE_NATS_MESSAGE(nats_finish)
#undef TROUPE_NATS_MESSAGE
CAF_END_TYPE_ID_BLOCK(troupe_nats)
