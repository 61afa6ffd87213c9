"""Clients that are broken on purpose, each in one way, and the scenario that must notice it.

A mutation replaces text of the built JavaScript client, without minification. Text that is not there exactly once is
an error: whoever changes the client sees that a mutation has to follow it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    what: str  # is wrong with it
    caught_by: str  # file::scenario[variant]
    changes: tuple  # (text, what is in its place) ...

    def apply(self, source):
        for old, new in self.changes:
            count = source.count(old)
            assert count == 1, f"{self.what}: the client has this {count} times, and not once: {old!r}"
            source = source.replace(old, new)
        return source


def mutation(what, caught_by, *changes):
    return Mutation(what, caught_by, changes)


TRYING_AGAIN = [
    mutation("no waiting at all", "test_breaks.py::test_refused_connections",
             ("Math.max(baseMs / 10, Math.random() * Math.min(maxMs, baseMs * 2 ** failures))", "0")),
    mutation("no back-off", "test_attempts.py::test_accepted_and_closed_100_times",
             ("baseMs * 2 ** failures", "baseMs")),
    mutation("no jitter", "test_attempts.py::test_accepted_and_closed_100_times",
             ("Math.random() * Math.min(maxMs", "Math.min(maxMs")),
    mutation("delays begin anew with each connection", "test_attempts.py::test_accepted_and_closed_100_times",
             ("cancelReset = after(settings.resetMs,", "cancelReset = after(0,"), ("enter({ state: \"open\" });",
              "failures = 0; enter({ state: \"open\" });")),
    mutation("delays never begin anew", "test_attempts.py::test_delays_begin_anew_only_after_a_while_open",
             ("cancelReset = after(settings.resetMs, () => {\n      failures = 0;",
              "cancelReset = after(settings.resetMs, () => {")),
    mutation("an attempt never ends", "test_breaks.py::test_an_attempt_ends_by_itself",
             ("after(settings.attemptMs,", "after(1e9,")),
    mutation("after_ms is ignored", "test_attempts.py::test_waits_as_long_as_disconnect_says",
             ("const delay = obeys || backOff(", "const delay = backOff(")),
    mutation("jitter on top of after_ms", "test_attempts.py::test_waits_as_long_as_disconnect_says",
             ("const delay = obeys || backOff(", "const delay = obeys * 1.5 || backOff(")),
    mutation("what after_ms has set counts for nothing",
             "test_attempts.py::test_an_attempt_that_the_server_has_set_counts",
             ("failures++;\n    cancel", "failures += !afterMs;\n    cancel")),
    mutation("reconnects on 4403", "test_attempts.py::test_gives_up_after[js-4403-Kicked]",
             ("code === POLICY || code === KICKED", "code === POLICY")),
    mutation("reconnects on 1008", "test_attempts.py::test_gives_up_after[js-1008-Policy violation]",
             ("code === POLICY || code === KICKED", "code === KICKED")),
    mutation("an unasked 1000 is the end", "test_attempts.py::test_comes_back_after_every_other_close",
             ("code === POLICY || code === KICKED", "code === POLICY || code === KICKED || code === 1e3")),
    mutation("no watch-dog", "test_breaks.py::test_comes_back_with_what_was_missed_after[js-half_open]",
             ("watchdog._start(frame.heartbeat);", "")),
    mutation("a watch-dog that does not ask first", "test_breaks.py::test_a_lost_end_is_found_by_asking",
             ('core._send(\'{"type":"ping"}\');', "")),
    mutation("a watch-dog that hears nothing", "test_breaks.py::test_who_is_heard_is_asked_nothing",
             ("heardAt = now();", "heardAt ||= now();")),
]

POSITIONS = [
    mutation("no de-duplication", "test_positions.py::test_a_frame_that_comes_twice_is_heard_once",
             ("if (offset <= position.offset) return false;", "")),
    mutation("no recover", "test_breaks.py::test_comes_back_with_what_was_missed_after[js-cut]",
             ("_position.epoch ? _position : void 0", "void 0")),
    mutation("the position is one behind", "test_positions.py::test_asks_from_where_it_stands",
             ("position.offset = offset;", "position.offset = offset - 1;")),
    mutation("the position never goes back", "test_breaks.py::test_the_server_crashes_and_starts_again",
             ("stream._position = { epoch, offset };",
              "stream._position = { epoch, offset: Math.max(offset, stream._position.offset) };")),
    mutation("prev is not understood", "test_positions.py::test_durable_topics[js-False]",
             ("prev = offset - 1 }", "ignored, prev = offset - 1 }"), ("_accepts({ type, offset, ignored, prev = offset - 1 })",
              "_accepts({ type, offset }, prev = offset - 1)")),
    mutation("gaps are not told", "test_positions.py::test_messages_that_are_gone_are_a_gap",
             ("if (!stream._accepts(frame)) return;", "if (!stream._accepts(frame) || type === \"gap\") return;")),
    mutation("presence is not followed again", "test_handles.py::test_presence_comes_back",
             ("stream._asked = stream._confirmed = stream._refused = false;",
              "stream._asked = stream._confirmed = stream._refused = stream._wantsPresence = false;")),
    mutation("position frames are ignored", "test_positions.py::test_durable_topics[js-True]",
             ("stream && type === \"position\"", "stream && type === \"never\"")),
    mutation("what was not sent to oneself is a hole", "test_requests.py::test_options_of_a_message",
             ("stream._position.offset++;", ";")),
    mutation("all names in one frame", "test_handles.py::test_many_subscribes_go_in_portions[js-12]",
             ("var NAMES_MAX = 128;", "var NAMES_MAX = 1e3;"), ("var BYTES_MAX = 16e3;", "var BYTES_MAX = 1e9;")),
    mutation("bytes are not counted", "test_handles.py::test_many_subscribes_go_in_portions[js-128]",
             ("var BYTES_MAX = 16e3;", "var BYTES_MAX = 1e9;")),
    mutation("what is given up is given up by all", "test_handles.py::test_the_second_subscriber_sends_nothing",
             ("if (held && !--stream._holders) leaveLater(stream);",
              "if (held && !(stream._holders = 0)) leaveLater(stream);")),
    mutation("leaves at once", "test_handles.py::test_the_last_to_leave_leaves_after_a_while",
             ("stream._leaveAt = now() + leaveMs;", "stream._leaveAt = now();"),
             ("sweeping ||= after(leaveMs, sweep, core)", "sweeping ||= after(0, sweep, core)")),
    mutation("memory of what is over", "test_memory.py::test_10000_subscribe_and_unsubscribe",
             ("streams.delete(kind + room);", "")),
]

REQUESTS = [
    mutation("a new msg_id each time", "test_requests.py::test_an_unanswered_request_is_said_again_once[js-say]",
             ("request._sentAt = void 0;",
              "request._sentAt = void 0, request._text = request._text.replace(_frame.msg_id, core._newMessageId());")),
    mutation("nothing is said again", "test_requests.py::test_an_unanswered_request_is_said_again_once[js-publish]",
             ("if (_frame.msg_id && now()", "if (false && now()")),
    mutation("everything is asked again", "test_requests.py::test_others_end_with_connection_lost[js-history]",
             ("if (_frame.msg_id && now()", "if (now()")),
    mutation("the session is not brought back", "test_requests.py::test_an_unanswered_request_is_said_again_once[js-say]",
             ("session && \"session.\" + session", "void 0")),
    mutation("any number may wait", "test_requests.py::test_only_so_many_wait",
             ("open.size >= settings.waitingMax", "false")),
    mutation("nothing waits too long", "test_requests.py::test_only_so_long",
             ("after(deadlineMs, end(\"timeout\"), core)", "() => {}")),
    mutation("what was rejected is sent", "test_requests.py::test_rejecting_while_away",
             ("if (refused) return reject(new TroupeError(refused));\n    const settle",
              "if (refused) reject(new TroupeError(refused));\n    const settle")),
    mutation("signals wait", "test_handles.py::test_signals",
             ("if (isOpen) queueMicrotask(() => core._send(text));", "core._request(frame).catch(() => {});")),
    mutation("a listener that throws ends the others", "test_listeners.py::test_a_listener_that_throws",
             ("} catch (error) {\n          report(error);", "} catch (error) {\n          throw error;")),
    mutation("close leaves what waits", "test_closing.py::test_close_while[js-with requests]",
             ("core._closing.forEach((close) => close());", "")),
]

TOKENS = [
    mutation("no token is ever refreshed", "test_tokens.py::test_a_token_is_refreshed_in_its_place",
             ("schedule(expires_in * (750 + 150 * Math.random()));", ";")),
    mutation("refreshed too late", "test_tokens.py::test_a_token_is_refreshed_in_its_place",
             ("750 + 150 * Math.random()", "1500")),
    mutation("the time of a token by the wall clock", "test_tokens.py::test_a_clock_that_is_wrong_by_minutes",
             ("var now = () => performance.now();", "var now = () => Date.now();"),
             ("cancel = after(wait, refresh, core);",
              "const look = () => now() >= refreshAt ? refresh() : cancel = after(50, look, core); look();")),
    mutation("two calls of the provider at once", "test_tokens.py::test_one_call_of_the_provider_at_a_time",
             ("call ??= (async", "call = (async"), ("token ?? ask(nextReason)", "ask(nextReason)")),
    mutation("a bad token is the end at once", "test_tokens.py::test_a_bad_token_is_asked_for_once_more",
             ("&& !tokenRefused", "&& tokenRefused")),
    mutation("bad tokens are no end", "test_tokens.py::test_two_bad_tokens_in_a_row_are_the_end",
             (" && !tokenRefused", "")),
    mutation("no new token for an expired one", "test_tokens.py::test_an_expired_token",
             ("if (code === EXPIRED) token._discard(\"expired\");", "")),
    mutation("failed handshakes do not ask for a token", "test_tokens.py::test_failed_handshakes_ask_for_a_new_token",
             ("++silentFailures % 2 === 0", "false")),
    mutation("StopError is an error like others", "test_tokens.py::test_a_provider_ends_the_client[js-at first]",
             ("if (error instanceof StopError) return end(void 0, error.message);", "")),
]

MUTATIONS = [*TRYING_AGAIN, *POSITIONS, *REQUESTS, *TOKENS]
