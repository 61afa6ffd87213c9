// Every message between actors, with its type id. What they mean is in two lists: those that may
// leave the process one day (remote_messages.hpp) and those that never do (local_messages.hpp);
// `actors.hpp` says who hears which. Messages are values; frames inside are shared and immutable.
#pragma once

#include "troupe/local_messages.hpp"
#include "troupe/remote_messages.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

CAF_BEGIN_TYPE_ID_BLOCK(troupe, caf::first_custom_type_id)
#define TROUPE_MESSAGE(name)                                                                       \
  CAF_ADD_TYPE_ID(troupe, (troupe::name))                                                          \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::name)
TROUPE_MESSAGE(enter)
TROUPE_MESSAGE(admit)
TROUPE_MESSAGE(enroll)
TROUPE_MESSAGE(refuse)
TROUPE_MESSAGE(leave)
TROUPE_MESSAGE(identify)
TROUPE_MESSAGE(gone)
TROUPE_MESSAGE(expel)
TROUPE_MESSAGE(dissolve)
TROUPE_MESSAGE(watch)
TROUPE_MESSAGE(say)
TROUPE_MESSAGE(publish)
TROUPE_MESSAGE(signal)
TROUPE_MESSAGE(post)
TROUPE_MESSAGE(posted)
TROUPE_MESSAGE(broadcast)
TROUPE_MESSAGE(unicast)
TROUPE_MESSAGE(announce)
TROUPE_MESSAGE(announced)
TROUPE_MESSAGE(broadcast_all)
TROUPE_MESSAGE(open_room)
TROUPE_MESSAGE(idle)
TROUPE_MESSAGE(retire)
TROUPE_MESSAGE(tick)
TROUPE_MESSAGE(hang_up)
TROUPE_MESSAGE(drain)
TROUPE_MESSAGE(measure_outboxes)
TROUPE_MESSAGE(outboxes_measured)
TROUPE_MESSAGE(arrived)
TROUPE_MESSAGE(changed)
TROUPE_MESSAGE(departed)
TROUPE_MESSAGE(administer)
TROUPE_MESSAGE(administered)
TROUPE_MESSAGE(admin_request)
TROUPE_MESSAGE(multicast)
TROUPE_MESSAGE(close_connections)
TROUPE_MESSAGE(list_audiences)
TROUPE_MESSAGE(audience_list)
TROUPE_MESSAGE(describe_audience)
TROUPE_MESSAGE(audience_described)
TROUPE_MESSAGE(close_addresses)
TROUPE_MESSAGE(addresses_closed)
TROUPE_MESSAGE(describe_connections)
TROUPE_MESSAGE(connections_described)
TROUPE_MESSAGE(count_members)
TROUPE_MESSAGE(member_counts)
TROUPE_MESSAGE(moderate)
TROUPE_MESSAGE(moderated)
TROUPE_MESSAGE(list_members)
TROUPE_MESSAGE(member_list)
TROUPE_MESSAGE(bridged)
TROUPE_MESSAGE(rpc_call)
TROUPE_MESSAGE(history_request)
TROUPE_MESSAGE(read_history)
TROUPE_MESSAGE(history_read)
TROUPE_MESSAGE(forget_history)
TROUPE_MESSAGE(history_forgotten)
#undef TROUPE_MESSAGE
CAF_END_TYPE_ID_BLOCK(troupe)
