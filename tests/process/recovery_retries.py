"""A publisher whose own connections break. It says everything with a `msg_id`, and what was not answered
again on its next connection, as the same sender by its session: so nothing is lost and nothing doubled."""

import queue
import random
import threading
import time

from harness import DEADLINE, Closed, RawClient

UNANSWERED_MAX = 8
SILENCE = 1.5  # seconds without an answer, and it tries another connection
PAUSE = 0.05


class RetryingPublisher:
    """Runs in a thread of its own, over one of these ports each time."""

    def __init__(self, ports):
        self.ports = ports
        self.connections = 0
        self.repeated = 0
        self.failure = None
        self._session = ""
        self._waiting = queue.Queue()
        self._unanswered = {}  # frames by id, the oldest first
        self._stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def say(self, topic, number, content):
        self._waiting.put({"type": "publish", "topic": topic, "data": content, "id": number,
                           "msg_id": f"m{number}"})

    def finish(self):
        """Returns when all has been answered."""
        self._waiting.put(None)
        self._thread.join(2 * DEADLINE)
        assert not self._thread.is_alive(), f"{len(self._unanswered)} are not answered"
        assert self.failure is None, self.failure

    def _run(self):
        while not (self._stopping and not self._unanswered):
            try:
                self._use_a_connection()
            except (Closed, OSError):
                time.sleep(PAUSE)
            except AssertionError as why:
                if "no upgrade" not in str(why) and "nothing received" not in str(why):
                    self.failure = why
                    return

    def _use_a_connection(self):
        path = f"/ws?session={self._session}" if self._session else "/ws"
        with RawClient(random.choice(self.ports), path, timeout=SILENCE) as client:
            self.connections += 1
            self._session = client.expect("connection")["session"]
            self.repeated += len(self._unanswered)
            for frame in self._unanswered.values():
                client.send(frame)
            while not (self._stopping and not self._unanswered):
                self._say_more(client)
                while self._unanswered and (len(self._unanswered) == UNANSWERED_MAX
                                            or self._waiting.empty()):
                    self._take_answer(client.read_message())

    def _say_more(self, client):
        if len(self._unanswered) == UNANSWERED_MAX or self._stopping:
            return
        frame = self._waiting.get()
        if frame is None:
            self._stopping = True
            return
        self._unanswered[frame["id"]] = frame
        client.send(frame)

    def _take_answer(self, answer):
        """Topics answer each in its own time."""
        assert answer["type"] == "published", answer
        del self._unanswered[answer["id"]]
