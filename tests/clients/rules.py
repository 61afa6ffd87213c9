"""What every client keeps to in every scenario; checked when the scenario lets it go.

- It waits as long as it says, and what it says is inside the bounds: full jitter, or the server's `after_ms`. The bound
  doubles with every attempt, whoever has set its time.
- What it hears of a room or topic is in order: each once, and nothing left out without being told.
- After its end nothing is left: no timer, no complaint, no process.
"""

import re

EARLY = 0.15  # seconds; events may be read late, on a busy machine
LATE = 3.0  # on a busy machine
EXACT = 60  # ms
COMPLAINTS = re.compile(r"Traceback|Unhandled|unhandled|never retrieved|never awaited|ResourceWarning|"
                        r"Sanitizer|runtime error|MaxListeners")


def check(client, front):
    """What it has told from its beginning to its end."""
    check_delays(client, hints(front))
    check_order(client)


def hints(front):
    """How long servers have asked clients to wait, in ms: exactly that, or at least."""
    after = [each["after_ms"] for visit in front.visits for each in visit.answers("disconnect")
             if each.get("after_ms") is not None]
    return after, [visit.retry_after * 1000 for visit in front.visits if visit.retry_after is not None]


def check_delays(client, hinted):
    """Every `waiting` tells a delay that is allowed, and the next attempt comes when it is over."""
    states = client.of("state")
    options, attempt, opened_at = client.options, 0, None
    said = waited = drawn = bounds = 0.0
    draws = 0
    for index, state in enumerate(states):
        if state["state"] == "open":
            opened_at = state["at"]
        if state["state"] != "waiting":
            continue
        if opened_at is not None:
            lived = (state["at"] - opened_at) * 1000
            if lived > options["reset_ms"] * 1.2 + 50:
                attempt = 0
            opened_at = None
        delay = state["delay_ms"]
        bound = min(options["max_ms"], options["base_ms"] * 2 ** attempt)
        assert is_allowed(delay, bound, options, hinted), (
            f"waits {delay} ms at attempt {attempt}: not within {options['base_ms'] / 20} and {bound}, and not "
            f"{hinted}\n{client.told()}")
        attempt += 1
        if not any(abs(delay - each) <= EXACT for each in hinted[0]) and delay <= bound + 1:
            draws, drawn, bounds = draws + 1, drawn + delay, bounds + bound
        if index + 1 < len(states) and states[index + 1]["state"] == "connecting" and not client.was_stopped:
            took = states[index + 1]["at"] - state["at"]
            said, waited = said + delay / 1000, waited + took
            assert delay / 1000 - EARLY <= took <= delay / 1000 + LATE, (
                f"said {delay} ms, and waited {took * 1000:.0f}\n{client.told()}")
    # Full jitter may draw a short one, but not so many.
    assert draws < 8 or drawn >= 0.1 * bounds, f"{drawn} of {bounds} ms\n{client.told()}"
    assert waited >= 0.9 * said - EARLY, f"said {said:.2f} s in all, and waited {waited:.2f}"


def is_allowed(delay, bound, options, hinted):
    after, at_least = hinted
    return (options["base_ms"] / 20 - 1 <= delay <= bound + 1
            or any(abs(delay - each) <= EXACT for each in after)
            or any(each - 1 <= delay <= each + options["max_ms"] for each in at_least))


def check_order(client):
    """By offset, each listener of a room or topic hears one stream."""
    last = {}
    for event in client.events:
        on = event.get("on")
        if event.get("event") == "position":
            if not event.get("recovered") and event.get("offset") is not None:
                last[on] = event["offset"]
        elif event.get("event") == "gap":
            last[on] = event["frame"]["offset"]
        elif event.get("event") == "heard" and on not in client.disordered:
            frame = event["frame"]
            if "offset" not in frame or frame["type"] == "history":
                continue
            stream = (on, frame.get("topic")) if on.startswith("pattern:") else on
            before = frame.get("prev", frame["offset"] - 1)
            assert last.get(stream, before) == before, (
                f"{on}: {frame['offset']} after {last[stream]}\n{client.told()}")
            last[stream] = frame["offset"]


def check_end(client):
    """Closes the client, and then its adapter."""
    if client.process.poll() is None and client.states:
        took = client.close()
        assert took < 1.0, f"close took {took:.2f} s"
        last = client.of("state")[-1]
        assert last["state"] == "closed", f"after close it is {last}"
        check_no_timers(client)
    assert client.finish() == 0, f"the adapter ended badly\n{client.told()}"
    complaints = [line for line in client.errors if COMPLAINTS.search(line)]
    assert not complaints, f"{''.join(client.errors)}"


def check_no_timers(client):
    timers = client.memory()["timers"]
    assert timers in (0, -1), f"{timers} timers are left after the end"
