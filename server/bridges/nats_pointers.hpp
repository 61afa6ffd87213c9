// What nats.c hands out, owned: each is destroyed by the library's own call.
#pragma once

#include <nats/nats.h>

#include <memory>

namespace troupe {

template <auto destroy>
struct destroyed_by {
  void operator()(auto* owned) const { destroy(owned); }
};

using owned_connection = std::unique_ptr<natsConnection, destroyed_by<natsConnection_Destroy>>;
using owned_subscription =
  std::unique_ptr<natsSubscription, destroyed_by<natsSubscription_Destroy>>;
using owned_message = std::unique_ptr<natsMsg, destroyed_by<natsMsg_Destroy>>;

} // namespace troupe
