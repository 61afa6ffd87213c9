"""`rpc` against a service behind a real NATS server."""

import json
import threading

import pytest
from nats_raw import RawNats
from nats_server import NatsServer
from waiting import poll

CONFIG = """
[[rpc.allow]]
service = "orders"
method = "*"
anonymous = true
per_minute = 0
"""


class Orders:
    """A service: `create` answers with its params, `fail` refuses, `slow` says nothing."""

    def __init__(self, port):
        self._nats = RawNats(port)
        self._nats.subscribe("orders.rpc.*")
        self.calls = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        try:
            while True:
                self._answer(*self._next())
        except (OSError, AssertionError, ValueError):
            pass

    def _next(self):
        while (line := self._nats._line()) == b"PING\r\n":
            self._nats.socket.sendall(b"PONG\r\n")
        words = line.decode().split()
        head = int(words[-2]) if words[0] == "HMSG" else 0
        whole = self._nats._lines.read(int(words[-1]) + 2)[:-2]
        plain = 4 if words[0] == "MSG" else 5
        return words[1], words[3] if len(words) > plain else None, whole[head:]

    def _answer(self, subject, reply, payload):
        method = subject.rpartition(".")[2]
        self.calls.append(method)
        if method == "create":
            self._nats.send(reply, {"result": {"got": json.loads(payload)}})
        elif method == "fail":
            self._nats.send(reply, {"error": "refused: not yours"})

    def close(self):
        self._nats.socket.close()


@pytest.fixture
def with_service(setting, tmp_path):
    config = tmp_path / "troupe.toml"
    config.write_text(CONFIG)
    with NatsServer() as nats:
        service = Orders(nats.port)
        with setting("--nats-url", nats.url, "--config", config) as stage:
            stage.service = service
            yield stage
        service.close()


def test_rpc(with_service):
    stage = with_service
    client = stage.client()

    def is_there():
        return client.start("rpc", service="orders", method="create", params={}).code() is None

    poll(is_there, "the service")
    replies = client.start_all([{"do": "rpc", "service": "orders", "method": "create", "params": {"item": number}}
                                for number in range(10)])
    assert [each.result()["result"]["got"]["item"] for each in replies] == list(range(10))
    assert client.start("rpc", service="orders", method="fail", params={}).code() == "insufficient_permissions"
    assert client.start("rpc", service="nobody", method="create", params={}).code() == "insufficient_permissions"
    assert client.start("rpc", service="no name", method="create", params={}).code() == "invalid_name"
    slow = client.start("rpc", service="orders", method="slow", params={})
    poll(lambda: "slow" in stage.service.calls, "the call")
    stage.proxy.reset()
    assert slow.code() == "connection_lost"
    client.times("open", 2)
    assert client.do("rpc", service="orders", method="create", params={"item": 11})
    assert stage.service.calls.count("slow") == 1, "called again, which is not safe"
