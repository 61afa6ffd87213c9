"""The fault proxy that other tests rely on: each fault, as both sides see it. No server of ours here:
what is behind the proxy is a plain socket that the test holds itself."""

import contextlib
import select
import socket
import sys
import threading
import time

import pytest
from harness import DEADLINE, SOURCE_DIR

sys.path.insert(0, str(SOURCE_DIR / "tests/tools"))
from fault_proxy import Control, FaultProxy, ProxyProcess, Wrong  # noqa: E402

SHORT = 0.2  # in which nothing is to happen


class Behind:
    """Where the proxy leads to."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(DEADLINE)
        self.port = self.listener.getsockname()[1]

    def accept(self):
        plain, _ = self.listener.accept()
        plain.settimeout(DEADLINE)
        return plain


@pytest.fixture
def behind():
    there = Behind()
    yield there
    there.listener.close()


@pytest.fixture
def proxy(behind):
    with FaultProxy(behind.port) as running:
        yield running


def dial(port):
    plain = socket.create_connection(("127.0.0.1", port), DEADLINE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain


def port_of(client):
    return client.getsockname()[1]


@pytest.fixture
def pair(proxy, behind):
    """(client, server) of one connection."""
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(dial(proxy.port))
        server = stack.enter_context(behind.accept())
        client.sendall(b"a")
        assert server.recv(1) == b"a"
        server.sendall(b"b")
        assert client.recv(1) == b"b"
        yield client, server


def silent(plain):
    return not select.select([plain], [], [], SHORT)[0]


def ended(plain):
    """How: "FIN" or "RST"."""
    try:
        while plain.recv(65536):
            pass
    except ConnectionResetError:
        return "RST"
    return "FIN"


def until(true):
    give_up_at = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def test_without_a_fault_everything_comes_through(proxy, pair):
    client, server = pair
    data = bytes(range(256)) * 40_000
    got = bytearray()

    def read():
        while len(got) < len(data):
            got.extend(server.recv(65536))

    reading = threading.Thread(target=read)
    reading.start()
    client.sendall(data)
    reading.join(DEADLINE)
    assert got == data
    [seen] = proxy.connections(client_port=port_of(client))
    assert (seen["up"], seen["down"], seen["state"]) == (len(data) + 1, 1, "open")


def test_the_end_of_one_way_leaves_the_other(proxy, pair):
    client, server = pair
    client.shutdown(socket.SHUT_WR)
    assert server.recv(1) == b""
    server.sendall(b"late")
    assert client.recv(4) == b"late"
    server.close()
    assert ended(client) == "FIN"
    until(lambda: proxy.connections() == [])


def test_a_reset_of_one_side_reaches_the_other(proxy, pair):
    client, server = pair
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    assert ended(server) == "RST"


def test_cut_is_an_orderly_end_for_both(proxy, pair):
    client, server = pair
    server.sendall(b"last")
    until(lambda: proxy.connections()[0]["down"] == 5)
    proxy.cut()
    assert client.recv(4) == b"last"
    client.sendall(b"into the void")
    assert ended(client) == "FIN"
    assert ended(server) == "FIN"
    client.close()
    server.close()
    until(lambda: proxy.connections() == [])


def test_reset_is_an_rst_for_both(proxy, pair):
    client, server = pair
    proxy.reset(client_port=port_of(client))
    assert ended(client) == "RST"
    assert ended(server) == "RST"
    until(lambda: proxy.connections() == [])


def test_half_open_tells_nobody_anything(proxy, pair):
    client, server = pair
    proxy.half_open()
    client.sendall(b"lost")
    server.sendall(b"lost")
    assert silent(client) and silent(server)
    client.close()
    assert silent(server), "it does not hear of the client's end either"
    assert [each["state"] for each in proxy.connections()] == ["half_open"]
    server.close()
    until(lambda: proxy.connections() == [])


@pytest.mark.parametrize("way", ["up", "down"])
def test_stall_stops_reading_one_way(proxy, pair, way):
    client, server = pair
    sender, receiver = (client, server) if way == "up" else (server, client)
    proxy.stall(way)
    sender.sendall(b"held")
    receiver.sendall(b"back")
    assert sender.recv(4) == b"back"
    assert silent(receiver)
    assert proxy.connections()[0]["stalled"] == [way]
    proxy.heal()
    assert receiver.recv(4) == b"held"


def test_a_stall_is_felt_by_the_sender_when_the_kernel_takes_no_more(behind):
    def taken(proxy):
        with dial(proxy.port) as client, behind.accept() as server:
            client.sendall(b"a")
            server.recv(1)
            proxy.stall("down")
            server.setblocking(False)
            count = 0
            with contextlib.suppress(BlockingIOError):
                while True:
                    count += server.send(bytes(65536))
            return count

    with FaultProxy(behind.port) as wide, FaultProxy(behind.port, receive_buffer=4096) as narrow:
        assert taken(narrow) < 300_000 < taken(wide)


def test_delay_keeps_the_order(proxy, pair):
    client, server = pair
    proxy.delay(SHORT, "up")
    begun = time.monotonic()
    client.sendall(b"1")
    server.sendall(b"at once")
    assert client.recv(7) == b"at once"
    assert time.monotonic() - begun < SHORT
    assert server.recv(1) == b"1"
    assert time.monotonic() - begun >= SHORT
    client.sendall(b"2")
    until(lambda: proxy.connections()[0]["up"] == 3)
    proxy.heal()
    client.sendall(b"3")
    client.shutdown(socket.SHUT_WR)
    assert [server.recv(1), server.recv(1)] == [b"2", b"3"]
    assert ended(server) == "FIN"


def test_refuse_leaves_those_who_are_there(proxy, behind, pair):
    client, server = pair
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        dial(proxy.port)
    client.sendall(b"here")
    assert server.recv(4) == b"here"
    proxy.accept()
    with dial(proxy.port) as other, behind.accept() as its_server:
        other.sendall(b"x")
        assert its_server.recv(1) == b"x"


def test_kill_ends_all_and_accept_brings_it_back(proxy, behind, pair):
    client, server = pair
    proxy.kill()
    assert ended(client) and ended(server)
    with pytest.raises(ConnectionRefusedError):
        dial(proxy.port)
    proxy.accept()
    with dial(proxy.port), behind.accept():
        pass


def test_a_client_is_reset_where_nobody_is_behind(proxy, behind):
    behind.listener.close()
    try:
        with dial(proxy.port) as client:
            how = ended(client)
    except ConnectionResetError:  # so soon that it was not even a connection for `dial`
        how = "RST"
    assert how == "RST"


def test_only_those_who_are_meant(proxy, behind, pair):
    client, server = pair
    with dial(proxy.port) as other, behind.accept() as its_server:
        other.sendall(b"x")
        its_server.recv(1)
        [number] = [each["id"] for each in proxy.connections(client_port=port_of(other))]
        assert proxy.reset(connections=[number]) == {"connections": [number]}
        assert ended(other) == "RST"
        client.sendall(b"here")
        assert server.recv(4) == b"here"


def test_newcomers_have_what_was_meant_for_them(proxy, behind, pair):
    client, server = pair
    proxy.stall("up", connections=[], newcomers=True)
    client.sendall(b"here")
    assert server.recv(4) == b"here"
    with dial(proxy.port) as other, behind.accept() as its_server:
        other.sendall(b"x")
        assert silent(its_server)
        proxy.heal(newcomers=True)
        assert its_server.recv(1) == b"x"
    with dial(proxy.port) as another, behind.accept() as its_server:
        another.sendall(b"y")
        assert its_server.recv(1) == b"y"


def test_the_process_takes_commands_and_comes_back_where_it_was(behind):
    with ProxyProcess(behind.port) as proxy:
        with dial(proxy.port) as client, behind.accept() as server:
            client.sendall(b"a")
            assert server.recv(1) == b"a"
            assert [each["client_port"] for each in proxy.connections()] == [port_of(client)]
            control = Control(proxy.control_port)  # as many as like
            for wrong, why in (
                ({"do": "explode"}, "no such command"),
                ({"do": "stall", "way": "sideways"}, "'way'"),
                ({"do": "delay"}, "'seconds'"),
                ({"do": "cut", "newcomers": True}, "newcomers"),
                ([], "not a JSON object"),
            ):
                with pytest.raises(Wrong, match=why):
                    control.do(wrong)
            control.close()
            before = proxy.port
            proxy.kill()
            assert ended(client) and ended(server)
        proxy.start()
        assert proxy.port == before
        with dial(proxy.port), behind.accept():
            pass
