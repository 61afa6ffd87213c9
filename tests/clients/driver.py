"""One client behind its adapter: a process that takes commands and tells events, a JSON line each.

README.md lists both. What holds in every scenario is checked when the client is let go: `rules.py`.
"""

import itertools
import json
import os
import signal
import subprocess
import threading
import time

from waiting import DEADLINE, Changing

# As a person would have them, but in less time. Those that may end a connection are long enough for a busy machine.
OPTIONS = {
    "base_ms": 50, "max_ms": 400, "attempt_ms": 3000, "reset_ms": 500, "ping_ms": 3000, "dead_ms": 3000,
    "waiting_max": 100, "deadline_ms": 10_000, "offline": "wait", "leave_ms": 50,
}


class Refused(Exception):
    """The client ended a request with an error."""

    def __init__(self, error):
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = error.get("code")


class Reply:
    """The answer to one command, when it comes."""

    def __init__(self, client, number, command):
        self._client, self._number, self._command = client, number, command

    def is_there(self):
        return self._number in self._client.answers

    def result(self, seconds=DEADLINE):
        self._client.until(self.is_there, f"a reply to {self._command}", seconds)
        answer = self._client.answers[self._number]
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def code(self, seconds=DEADLINE):
        """The code of the error with which it ends; None where it does not end with one."""
        try:
            self.result(seconds)
        except Refused as refused:
            return refused.code
        return None


class Client(Changing):
    """A running adapter. Events are kept as they came, each with `at`, its time here."""

    def __init__(self, command, environment=None):
        super().__init__()
        self.options = dict(OPTIONS)
        self.events = []
        self.answers = {}
        self.errors = []  # lines of standard error
        self.provider = None
        self.was_stopped = False  # by a signal: its times mean nothing then
        self.disordered = set()  # what is held twice, say, and so may be heard twice
        self._numbers = itertools.count(1)
        self.process = subprocess.Popen(
            command, env={**os.environ, **(environment or {})}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._hear, self._hear_errors)]
        for each in self._threads:
            each.start()

    def _hear(self):
        for line in self.process.stdout:
            said = json.loads(line)
            said["at"] = time.monotonic()
            with self.changed:
                if "n" in said:
                    self.answers[said["n"]] = said
                else:
                    self.events.append(said)
                self.changed.notify_all()
            if said.get("event") == "token_wanted" and self.provider:
                self.provider(said)

    def _hear_errors(self):
        for line in self.process.stderr:
            self.errors.append(line)

    def told(self):
        last = "\n".join(json.dumps(each)[:300] for each in self.events[-25:])
        return f"--- its last events\n{last}\n--- and errors\n{''.join(self.errors[-20:])}---"

    # -- commands ------------------------------------------------------------------------------------------

    def start(self, do, **fields):
        """Gives a command; the reply may come whenever it likes."""
        return self.start_all([{"do": do, **fields}])[0]

    def start_all(self, commands):
        """Many commands in one write."""
        numbered = [{"n": next(self._numbers), **each} for each in commands]
        self.process.stdin.write("".join(json.dumps(each) + "\n" for each in numbered))
        self.process.stdin.flush()
        return [Reply(self, each["n"], f"{each['n']} {each['do']}") for each in numbered]

    def do(self, do, **fields):
        return self.start(do, **fields).result()

    def open(self, url, token=None, provider=None, user=None, **options):
        """`provider`: called with each `token_wanted`, on the thread that reads; or True to answer by hand."""
        self.options.update(options)
        fields = {"url": url, "options": self.options}
        if token is not None:
            fields["token"] = token
        if user is not None:
            fields["user"] = user
        if provider:
            fields["provider"] = True
            self.provider = provider if callable(provider) else None
        self.do("open", **fields)
        return self

    def give(self, wanted, token=None, **other):
        """Answers a `token_wanted`; with fail="..." or stop=True otherwise than by a token."""
        self.start("token", call=wanted["call"], **({"token": token} if token is not None else other))

    # -- events --------------------------------------------------------------------------------------------

    def of(self, event, since=0, **fields):
        """The events of this kind, from index `since` on."""
        return [each for each in self.events[since:] if each.get("event") == event
                and all(each.get(name) == value for name, value in fields.items())]

    def next(self, event, since=0, seconds=DEADLINE, **fields):
        """The first event of this kind from index `since` on, now or when it comes."""
        return self.until(lambda: self.of(event, since, **fields), f"{event} {fields}", seconds)[0]

    def mark(self):
        return len(self.events)

    @property
    def states(self):
        return [each["state"] for each in self.of("state")]

    def state(self, name, since=0, seconds=DEADLINE):
        return self.next("state", since, seconds, state=name)

    def times(self, name, count, since=0, seconds=DEADLINE):
        """Until it has been in this state so often."""
        return self.until(lambda: len(found := self.of("state", since, state=name)) >= count and found,
                          f"{name} {count} times", seconds)

    def heard(self, on, kind=None, since=0):
        """The frames that reached the listeners of `on`; of one type, or all that have an offset."""
        frames = [each["frame"] for each in self.of("heard", since, on=on)]
        return [each for each in frames if (each["type"] == kind if kind else "offset" in each
                                            and each["type"] != "history")]

    def contents(self, on, since=0):
        """What was said, in the order in which it was heard."""
        return [each["message"] if "message" in each else each.get("data") for each in self.heard(on, None, since)]

    def until_heard(self, on, content, since=0, seconds=DEADLINE):
        self.until(lambda: content in self.contents(on, since), f"{content!r} on {on}", seconds)

    # -- the process ---------------------------------------------------------------------------------------

    def suspend(self):
        self.was_stopped = True
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def memory(self):
        return self.do("memory")

    def close(self):
        """Closes, as a user does; returns the seconds it took."""
        begun = time.monotonic()
        self.do("close")
        return time.monotonic() - begun

    def finish(self):
        """The end of its input is the end of the process: its exit code."""
        if self.process.poll() is None:
            self.process.stdin.close()
        code = self.process.wait(DEADLINE)
        for each in self._threads:
            each.join(DEADLINE)
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                pass
