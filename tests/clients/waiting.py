"""Waits for what another thread or process finds out, with a deadline."""

import os
import threading
import time

DEADLINE = float(os.environ.get("TROUPE_PATIENCE", 20))


class Changing:
    """Something that a thread of its own changes under `self.changed`, and others wait for."""

    def __init__(self):
        self.changed = threading.Condition()

    def told(self):
        """What to say when a wait fails."""
        return ""

    def until(self, true, what, seconds=DEADLINE):
        """Returns what `true()` returns as soon as it is not false."""
        give_up_at = time.monotonic() + seconds
        with self.changed:
            while not (found := true()):
                left = give_up_at - time.monotonic()
                assert left > 0, f"not in {seconds} s: {what}\n{self.told()}"
                self.changed.wait(left)
            return found

    def stays(self, true, seconds, what):
        """For things that must not happen, there is no event: `true()` holds for this long."""
        until = time.monotonic() + seconds
        with self.changed:
            while (left := until - time.monotonic()) > 0:
                assert true(), f"{what}\n{self.told()}"
                self.changed.wait(left)
            assert true(), f"{what}\n{self.told()}"


def poll(true, what, seconds=DEADLINE, every=0.01):
    """For what nobody tells: asks again and again."""
    give_up_at = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < give_up_at, f"not in {seconds} s: {what}"
        time.sleep(every)
    return found
