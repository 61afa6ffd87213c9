"""What a scenario stands on: a real server, the front that notes, the fault proxy, and clients behind adapters."""

import contextlib
import json
import sys
import time

import jwt
from adapters import command_of
from driver import Client
from front import Front
from harness import API_KEY, SOURCE_DIR, RawClient, Server
from rules import check, check_end
from waiting import DEADLINE

sys.path.insert(0, str(SOURCE_DIR / "tests/tools"))
from fault_proxy import FaultProxy  # noqa: E402

SECRET = "a secret of more than thirty-two bytes"
# Topics keep what is said, so that who comes back may have it.
KEEPS = ("--defaults-topic-history-messages", 1000, "--defaults-topic-history-seconds", 600,
         "--defaults-history-bytes", 64 << 20)


def token(seconds=600, user="u1", key=SECRET, **claims):
    return jwt.encode({"sub": user, "exp": time.time() + seconds, **claims}, key, "HS256")


class Stage:
    """client → fault proxy → front → server. Use it with `with`."""

    def __init__(self, name, *options, keyed=False, variables=None, receive_buffer=None, keeps=KEEPS):
        self.name = name
        self._options = (*keeps, *options)
        self._variables = {**({"TROUPE_AUTH_SECRET": SECRET} if keyed else {}), **(variables or {})}
        self._receive_buffer = receive_buffer
        self._clients = []
        self._server = None

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._end_server = stack.enter_context(contextlib.ExitStack())
            self.server = self._start_server()
            self.front = stack.enter_context(Front(self.server.port))
            # A reader that stalls is felt at the server only where nothing in between takes what it does not.
            target = self.server.port if self._receive_buffer else self.front.port
            self.proxy = stack.enter_context(FaultProxy(target, receive_buffer=self._receive_buffer))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *failure):
        try:
            if failure[0] is None:
                self.proxy.heal(newcomers=True)
                for client in self._clients:
                    check_end(client)
                    check(client, self.front)
        finally:
            for client in self._clients:
                client.kill()
            if failure[0] is not None:
                print("\n".join(f"{each.told()}" for each in self._clients), self.front.told())
            self._stack.__exit__(*failure)

    # -- the server ----------------------------------------------------------------------------------------

    def _start_server(self):
        return self._end_server.enter_context(Server(*self._options, variables=self._variables))

    def stop_server(self):
        """As a crash: nobody is told."""
        self.server.kill()
        self._end_server.pop_all()

    def start_server(self):
        """Another one, which knows nothing of the first; at another port, where the front finds it."""
        self.server = self._start_server()
        self.front.target = self.server.port

    def replace_server(self):
        """The server drains, while another one takes who comes."""
        old, _ = self.server, self.start_server()
        status, _, _ = old.http("POST", "/api/v1/drain", key=API_KEY)
        assert status == 200

    def api(self, path, body=None):
        status, answer = self.server.api(f"/api/v1/{path}", body)
        assert status == 200, answer
        return answer

    def publish(self, topic, *contents):
        for data in contents:
            last = self.api("publish", {"topic": topic, "data": data})
        return last

    def say(self, room, *contents):
        for message in contents:
            last = self.api(f"rooms/{room}/message", {"message": message})
        return last

    def history(self, kind, name):
        status, _, body = self.server.http("GET", f"/api/v1/{kind}/{name}/history?limit=1000", key=API_KEY)
        return json.loads(body)["messages"] if status == 200 else []

    def other(self, path="/ws"):
        """A plain client beside the one under test, straight to the server."""
        client = RawClient(self.server.port, path)
        client.connection = client.expect("connection")
        return client

    # -- clients -------------------------------------------------------------------------------------------

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.proxy.port}/ws"

    def adapter(self):
        client = Client(*command_of(self.name))
        self._clients.append(client)
        return client

    def client(self, wait=True, **how):
        """A client that is open; or that has only begun."""
        client = self.adapter().open(self.url, **how)
        if wait:
            client.state("open")
        return client

    @property
    def visits(self):
        return self.front.visits

    def visit(self, number, seconds=DEADLINE):
        """The connection of this number, when it has come; from 1."""
        return self.front.until(lambda: len(self.visits) >= number and self.visits[number - 1],
                                f"connection {number}", seconds)

    def until_said(self, kind, count=1, **fields):
        """Frames of clients, on whatever connection."""
        def found():
            frames = [each for each in self.front.said(kind)
                      if all(each.get(name) == value for name, value in fields.items())]
            return len(frames) >= count and frames
        return self.front.until(found, f"{count} {kind} {fields}")
