// Every actor's interface: who hears what, and what is answered. One line a message; what the
// messages hold is in messages.hpp. Pure declarations.
//
// A connection has no line here of its own kind of request: it never waits for an answer. What it
// asks comes back through its loop's outlet, in the same order as everything else for it.
#pragma once

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace troupe {

template <class Message>
using hears = caf::reacts_to<Message>;

template <class Message, class Answer>
using answers = typename caf::replies_to<Message>::template with<Answer>;

struct enter;
struct admit;
struct leave;
struct identify;
struct subscribe_pattern;
struct unsubscribe_pattern;
struct spread_pattern;
struct pattern_granted;
struct say;
struct publish;
struct signal;
struct post;
struct posted;
struct open_room;
struct announce;
struct announced;
struct idle;
struct retire;
struct tick;
struct gone;
struct enroll;
struct refuse;
struct broadcast;
struct unicast;
struct expel;
struct dissolve;
struct watch;
struct broadcast_all;
struct drain;
struct measure_outboxes;
struct outboxes_measured;
struct hang_up;
struct arrived;
struct changed;
struct departed;
struct administer;
struct administered;
struct admin_request;
struct multicast;
struct close_connections;
struct list_audiences;
struct audience_list;
struct describe_audience;
struct audience_described;
struct close_addresses;
struct addresses_closed;
struct describe_connections;
struct connections_described;
struct count_members;
struct member_counts;
struct moderate;
struct moderated;
struct follow;
struct presence_news;
struct set_presence;
struct presence_request;
struct read_presence;
struct presence_read;
struct bridged;
struct rpc_call;
struct read_history;
struct history_read;
struct history_request;
struct forget_history;
struct history_forgotten;

/// A room: who is in it, in what order things are said, what its logic makes of them.
using room_actor = caf::typed_actor<     //
  hears<admit>,                          // from the directory: somebody wants in
  hears<leave>,                          // from a connection: it left, or it is gone
  hears<identify>,                       // from a member: it has another token
  hears<say>,                            // from a member
  hears<signal>,                         // from a member: something that passes
  answers<post, posted>,                 // from the server-side API, through the directory
  hears<set_presence>,                   // from a member: what others are to see of it
  hears<presence_request>,               // from a connection: who is there?
  answers<read_presence, presence_read>, // from the users, through the directory: the same
  answers<moderate, moderated>, // from the users, through the directory: put out, silence, end
  answers<describe_audience, audience_described>, // from the users: how does it stand?
  hears<bridged>,  // from a bridge's rule, through the directory: an event
  hears<gone>,     // from an outlet: that connection was gone before it was in
  hears<departed>, // from the directory: a connection of which it knows something is no more
  hears<tick>,     // from itself: a timer of the logic, or its own
  hears<retire>>;  // from the directory: nobody needs you

/// A topic: publications in one order to all subscribers.
using topic_actor = caf::typed_actor< //
  hears<admit>,                       // from the directory: somebody subscribes
  hears<leave>,                       // from a connection: it unsubscribed, or it is gone
  hears<publish>,                     // from a subscriber, or through the directory
  hears<signal>,                      // from a subscriber: something that passes
  answers<post, posted>,              // from the server-side API, through the directory
  hears<identify>,         // from a subscriber, where presence is kept: it has another token
  hears<set_presence>,     // from a subscriber: what others are to see of it
  hears<presence_request>, // from a connection: who is there?
  answers<read_presence, presence_read>,          // from the users, through the directory: the same
  answers<describe_audience, audience_described>, // from the users: how does it stand?
  hears<bridged>, // from a bridge's rule, through the directory: an event
  hears<gone>,    // from an outlet, as for a room
  hears<tick>,    // from itself: has nobody come?
  hears<retire>>; // from the directory

/// The directory: finds or creates rooms and topics by name, and retires them.
using directory_actor = caf::typed_actor< //
  hears<enter>,                           // from a connection: into a room, onto a topic
  hears<subscribe_pattern>,               // from a connection: onto all topics that match
  hears<unsubscribe_pattern>,             // from an outlet: one listener less
  hears<publish>,                         // from a connection that does not subscribe to that topic
  answers<post, posted>,                  // from the server-side API: for a room or topic
  hears<open_room>,                       // from a room's logic: let there be that room
  answers<announce, announced>,           // to every connection of the server
  answers<list_audiences, audience_list>, // from the users: what rooms or topics are there?
  answers<describe_audience, audience_described>, // from the users: for a room or topic
  hears<presence_request>,                        // from a connection: for a room or topic
  answers<read_presence, presence_read>,          // from the users: the same
  answers<moderate, moderated>, // from the users: for a room, and what is to hold there
  hears<bridged>,               // from a bridge's rule: an event for some or for all
  hears<departed>,              // from an outlet that was told to `watch` that connection
  hears<idle>>;                 // from a room or topic: nobody is here

/// One I/O loop's outlet for all audiences: turns one message into a push to each of its
/// connections.
using outlet_actor = caf::typed_actor< //
  hears<enroll>,                       // from a room or topic: this connection listens from now on
  hears<refuse>,                       // this connection may not, and why
  hears<broadcast>,                    // an event for all listeners of an audience
  hears<unicast>,                      // an event for one connection
  hears<expel>,                        // this connection listens no more
  hears<spread_pattern>,               // from the directory, or the outlet before: who listens how
  hears<pattern_granted>,              // this connection listens by a pattern from now on
  hears<follow>,                       // this listener is told who comes and goes, or no more
  hears<presence_news>,                // who has come and gone, for those
  hears<dissolve>,                     // that audience is no more
  hears<watch>,                        // from the directory: say when this connection ends
  hears<broadcast_all>,                // an event for every connection of the loop
  hears<multicast>,                    // from the users: an event for some of them
  hears<close_connections>,            // from the users: close some of them
  answers<close_addresses, addresses_closed>,           // from the users: close those from there
  answers<describe_connections, connections_described>, // from the users: where are they?
  answers<count_members, member_counts>,                // from the users: how many listen to what?
  answers<measure_outboxes, outboxes_measured>, // for `/metrics`: how much waits in the outboxes?
  hears<drain>>;                                // close them all

/// What one loop's rooms and topics have said lately, for who asks.
using archive_actor = caf::typed_actor<        //
  hears<history_request>,                      // from a connection: a page, please
  answers<read_history, history_read>,         // from the users: the same
  answers<forget_history, history_forgotten>>; // from the users: delete some of it

/// The users: every connection of each user and of each role, and what admins do to them.
using users_actor = caf::typed_actor< //
  hears<arrived>,                     // from a connection: it has a valid token
  hears<changed>,                     // from a connection: it has another token
  hears<departed>,                    // from a connection: it is no more
  hears<bridged>,                     // from a bridge's rule: an event for a user or a role
  hears<admin_request>,               // from a connection of an admin
  answers<administer, administered>>; // from the server-side API

/// The caller: calls services over the bus for connections, which cannot wait.
using rpc_caller_actor = caf::typed_actor< //
  hears<rpc_call>>;                        // from a connection: its client calls a method

/// The bridges: hold the rules, one actor each, and start them anew.
using bridges_actor = caf::typed_actor< //
  hears<tick>>;                         // from itself: the pause of a rule that failed is over

/// One socket.
using connection_actor = caf::typed_actor< //
  hears<hang_up>>;                         // close, with this code

} // namespace troupe
