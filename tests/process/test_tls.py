"""TLS as ordinary clients, slow readers and hostile peers meet it."""

import asyncio
import http.client
import json
import random
import socket
import ssl
import string
import struct

import pytest
from edge_clients import read_all
from harness import API_KEY, DEADLINE, TEXT, RawClient, Server, exchange, frame_bytes, run_troupe
from tls_clients import V1_2, V1_3, https, ours, tls_client, tls_member, tls_server
from tls_files import Certificate
from websockets.asyncio.client import connect

ALERT, HANDSHAKE = 0x15, 0x16
FATAL, PROTOCOL_VERSION = 2, 70


# -- ordinary use ------------------------------------------------------------------------------------


def test_plain_and_secure_clients_meet_on_one_port(tls_server, ours):
    with tls_server.member("mixed", "Ann") as ann:
        with tls_member(tls_server, ours, "mixed", "Ben") as ben:
            ann.expect("user_joined", user="Ben")
            for i, speaker in enumerate((ann, ben, ann, ben)):
                speaker.send({"type": "message", "message": i})
                for listener in (ann, ben):
                    listener.expect("message", message=i)


@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("version", [V1_2, V1_3])
def test_an_ordinary_client(tmp_path, kind, version):
    certificate = Certificate(tmp_path, kind, kind=kind)
    context = certificate.context(least=version, most=version)

    async def talk(server):
        url = server.url("/chat/lobby").replace("ws://", "wss://")
        async with asyncio.timeout(DEADLINE), connect(url, ssl=context) as websocket:
            assert json.loads(await websocket.recv())["type"] == "connection"
            for i in range(100):
                await websocket.send(json.dumps({"type": "message", "message": i}))
            for i in range(100):
                assert json.loads(await websocket.recv())["message"] == i
            await (await websocket.ping())

    with Server(*certificate.options) as server:
        asyncio.run(talk(server))


def test_http_over_tls(tls_server, ours):
    assert https(tls_server, ours, "GET", "/healthz")[::2] == (200, b"ok\n")
    assert b"<html" in https(tls_server, ours, "GET", "/")[2]
    body = {"topic": "news", "data": "x" * 100_000}
    assert https(tls_server, ours, "POST", "/api/v1/publish", body, key=API_KEY)[0] == 200


def test_a_kept_alive_connection(tls_server, ours):
    connection = http.client.HTTPSConnection(
        "127.0.0.1", tls_server.port, timeout=DEADLINE, context=ours.context()
    )
    for _ in range(50):
        assert exchange(connection, "GET", "/readyz")[0] == 200
    connection.close()


def test_what_comes_with_the_handshake_is_not_lost(tls_server, ours):
    frames = [frame_bytes(TEXT, b'{"type":"ping","id":%d}' % i) for i in range(3000)]
    with tls_client(tls_server, ours, sent_with_handshake=b"".join(frames)) as client:
        for i in range(3000):
            client.expect("pong", id=i)


def test_many_small_messages_in_one_record_and_in_many(tls_server, ours):
    frames = [frame_bytes(TEXT, b'{"type":"ping","id":%d}' % i) for i in range(5000)]
    with tls_client(tls_server, ours) as client:
        client.send_bytes(b"".join(frames))
        for i in range(5000):
            client.expect("pong", id=i)
        for byte in b"".join(frames[:20]):
            client.send_bytes(bytes([byte]))
        for i in range(20):
            client.expect("pong", id=i)


def test_big_messages_both_ways(ours):
    random.seed(1)
    options = ("--limits-frame-bytes-max", 2_000_000, "--limits-outbox-bytes-max", 64_000_000)
    with Server(*ours.options, *options) as server:
        with tls_member(server, ours, "big", "Ann") as ann:
            with tls_member(server, ours, "big", "Ben") as ben:
                ann.expect("user_joined")
                for size in (16_383, 16_384, 16_385, 65_536, 1_000_000, 1_999_000):
                    text = "".join(random.choices(string.ascii_letters, k=size))
                    ann.send({"type": "message", "message": text})
                    assert ben.expect("message")["message"] == text
                    assert ann.expect("message")["message"] == text


def test_the_end_is_said(tls_server, ours):
    """Without close_notify, reading to the end would raise: see Certificate.wrap."""
    with tls_client(tls_server, ours) as client:
        client.send_close(1000)
        closed, _ = client.read_to_close()
        assert closed.code == 1000
        client.wait_for_end()
    assert https(tls_server, ours, "GET", "/healthz", headers={"Connection": "close"})[0] == 200
    with ours.wrap()(socket.create_connection(("127.0.0.1", tls_server.port), DEADLINE)) as raw:
        raw.sendall(b"BREW / HTTP\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 400 ")
        while raw.recv(65536):
            pass


def test_sessions_are_resumed(tls_server, ours):
    for version in (V1_2, V1_3):
        context = ours.context(least=version, most=version)

        def get(session):
            plain = socket.create_connection(("127.0.0.1", tls_server.port), DEADLINE)
            with context.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as secure:
                secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                while secure.recv(65536):
                    pass
                return secure.session_reused, secure.session

        reused, session = get(None)
        assert not reused
        assert get(session)[0], version


def test_protocols_are_agreed_on(tls_server, ours):
    def agreed(*offered):
        context = ours.context()
        context.set_alpn_protocols(list(offered))
        plain = socket.create_connection(("127.0.0.1", tls_server.port), DEADLINE)
        with plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            return secure.selected_alpn_protocol()

    assert agreed("h2", "http/1.1") == "http/1.1"
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        agreed("h2")


def test_draining_tells_everybody(ours):
    with Server(*ours.options) as server:
        clients = [tls_client(server, ours, path) for path in ("/ws", "/chat/a", "/chat/a")]
        server.terminate()
        for client in clients:
            messages = client.assert_closed_with(1001)
            assert messages[-1]["type"] == "disconnect"
            client.send_close(1001)
            client.wait_for_end()
            client.socket.close()
        assert server.wait() == 0, server.log()


# -- what is refused ---------------------------------------------------------------------------------


def old_hello(version):
    """A ClientHello of before there was an extension for versions (RFC 5246, 7.4.1.2)."""
    suites = struct.pack("!HHHH", 0xC013, 0xC009, 0x002F, 0x00FF)
    body = struct.pack("!H", version) + bytes(32) + b"\x00"
    body += struct.pack("!H", len(suites)) + suites + b"\x01\x00"
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return struct.pack("!BHH", HANDSHAKE, 0x0301, len(message)) + message


def read_to_end(plain):
    received = b""
    try:
        while chunk := plain.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


@pytest.mark.parametrize("version", [0x0301, 0x0302])
def test_old_versions_are_refused(tls_server, version):
    with socket.create_connection(("127.0.0.1", tls_server.port), DEADLINE) as plain:
        plain.sendall(old_hello(version))
        answer = read_to_end(plain)
    assert answer[0] == ALERT
    assert tuple(answer[5:7]) == (FATAL, PROTOCOL_VERSION)


def test_the_least_version_is_for_the_operator_to_say(ours):
    with Server(*ours.options, "--tls-min-version", "1.3") as server:
        with server.client(wrap=ours.wrap(least=V1_3)) as client:
            assert client.socket.version() == "TLSv1.3"
        with pytest.raises(ssl.SSLError, match="(?i)protocol.version"):
            server.client(wrap=ours.wrap(most=V1_2))


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16" + b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"\x16\x03\x01\xff\xff" + b"x" * 70_000,
        b"\x16" * 200_000,
        b"\x16\x03\x01\x00\x00" * 1000,
    ],
)
def test_garbage_is_answered_with_an_alert_and_the_end(tls_server, ours, garbage):
    with tls_member(tls_server, ours, "undisturbed", "Ann") as ann:
        with socket.create_connection(("127.0.0.1", tls_server.port), DEADLINE) as plain:
            try:
                plain.sendall(garbage)
            except (BrokenPipeError, ConnectionResetError):
                pass
            answer = read_to_end(plain)
            assert not answer or answer[0] == ALERT, answer[:100]
        ann.send({"type": "message", "message": "still here"})
        ann.expect("message", message="still here")


def test_garbage_in_the_middle_ends_only_that_connection(tls_server, ours):
    with tls_member(tls_server, ours, "middle", "Ann") as ann:
        broken = tls_member(tls_server, ours, "middle", "Ben")
        ann.expect("user_joined")
        # Below the TLS layer: a record that nobody has encrypted.
        plain = socket.socket(fileno=broken.socket.detach())
        plain.settimeout(DEADLINE)
        plain.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        read_to_end(plain)
        plain.close()
        ann.expect("user_left", user="Ben")
        ann.send({"type": "message", "message": "still here"})
        ann.expect("message", message="still here")


def test_slow_handshakes_end_in_time(ours):
    with Server(*ours.options, "--limits-handshake-timeout-seconds", 0.5) as server:
        hello = old_hello(0x0303)
        attackers = []
        with tls_member(server, ours, "calm", "Ann") as ann:
            for size in range(50):
                attackers.append(socket.create_connection(("127.0.0.1", server.port), DEADLINE))
                attackers[-1].sendall(hello[: size + 1])
            for attacker in attackers:
                read_to_end(attacker)
                attacker.close()
            ann.send({"type": "message", "message": "still here"})
            ann.expect("message", message="still here")


def test_a_handshake_byte_by_byte(tls_server, ours):
    with socket.create_connection(("127.0.0.1", tls_server.port), DEADLINE) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        secure = ours.context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")

        def step(operation):
            while True:
                try:
                    result = operation()
                except ssl.SSLWantReadError:
                    result = None
                for byte in outgoing.read():
                    plain.sendall(bytes([byte]))
                if result is not None:
                    return result
                incoming.write(plain.recv(1))

        step(lambda: secure.do_handshake() or True)
        step(lambda: secure.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"))
        assert step(lambda: secure.read(65536)).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_has_said_all_still_gets_its_answer(tls_server, ours):
    with socket.create_connection(("127.0.0.1", tls_server.port), DEADLINE) as plain:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        secure = ours.context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        while True:
            try:
                secure.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(65536))
        secure.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(ssl.SSLWantReadError):
            secure.unwrap()
        plain.sendall(outgoing.read())
        plain.shutdown(socket.SHUT_WR)
        while chunk := plain.recv(65536):
            incoming.write(chunk)
        answer = b""
        with pytest.raises(ssl.SSLZeroReturnError):
            while True:
                answer += secure.read(65536)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"</html>\n")


def test_plain_http_is_refused_where_tls_is_required(ours):
    with Server(*ours.options, "--tls-required", "true") as server:
        status, headers, body = server.http("GET", "/healthz")
        assert status == 400
        assert b"TLS" in body
        assert headers["Connection"] == "close"
        with pytest.raises(AssertionError, match="400"):
            RawClient(server.port)
        assert https(server, ours, "GET", "/healthz")[0] == 200
        tls_client(server, ours).close()


def test_what_leads_to_no_tls_has_a_rate(ours):
    options = (*ours.options, "--tls-required", "true", "--limits-refused-requests-per-minute", 2)

    def answer_to(sent, address):
        with socket.create_connection(("127.0.0.1", server.port), DEADLINE, source_address=(address, 0)) as client:
            client.sendall(sent)
            return read_all(client)

    with Server(*options) as server:
        for _ in range(3):
            answer_to(b"\x16\x03\x01\x00\x05hello", "127.0.2.1")
        plain = [answer_to(b"GET / HTTP/1.0\r\n\r\n", "127.0.2.2")[9:12] for _ in range(3)]
        assert plain == [b"400", b"400", b"429"]
        _, _, page = https(server, ours, "GET", "/metrics")
        for reason, count in (("tls", 2), ("bad_request", 2), ("refused_rate", 2)):
            assert f'connections_refused_total{{reason="{reason}"}} {count}\n' in page.decode()


def test_a_port_of_its_own(ours):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Server(*ours.options, "--tls-port", port, "--host", "127.0.0.1") as server:
        with server.member("ports", "Ann") as ann:
            with RawClient(port, "/ws?user=Ben", wrap=ours.wrap()) as ben:
                ben.expect("connection")
                ben.send({"type": "join", "room": "ports"})
                ben.expect("joined")
                ann.expect("user_joined", user="Ben")
        with pytest.raises(AssertionError, match="400"):
            RawClient(port)
        again = run_troupe("serve", "--port", 0, *ours.options, "--tls-port", port)
        assert again.returncode == 1
        assert "Address already in use" in again.stdout


# -- readers that are slow ---------------------------------------------------------------------------


def test_a_slow_reader_gets_whole_frames_and_then_4409(ours):
    """What its socket has begun to take must stay intact when the rest is dropped."""
    with Server(*ours.options, "--limits-outbox-bytes-max", 65536) as server:
        with tls_member(server, ours, "slow", "Ann") as ann:
            sleeper = tls_member(server, ours, "slow", "Sleeper", receive_buffer=4096)
            with sleeper:
                ann.expect("user_joined")
                text, said = "x" * 7000, 0
                while (frame := ann_says(ann, said, text))["type"] == "message":
                    said += 1
                    assert said < 10_000
                assert frame == {**frame, "type": "user_left", "user": "Sleeper"}
                messages = sleeper.assert_closed_with(4409)
                last = messages.pop()
                assert (last["type"], last["close_code"]) == ("disconnect", 4409)
                assert [m["message"] for m in messages] == [[i, text] for i in range(len(messages))]
                assert messages
                sleeper.wait_for_end()


def ann_says(ann, number, text):
    ann.send({"type": "message", "message": [number, text]})
    return ann.read_message()


def test_a_reader_that_pauses_loses_nothing(ours):
    random.seed(2)
    options = ("--limits-outbox-bytes-max", 50_000_000)
    with Server(*ours.options, *options) as server:
        with tls_member(server, ours, "pauses", "Ann") as ann:
            with tls_member(server, ours, "pauses", "Ben", receive_buffer=4096) as ben:
                ann.expect("user_joined")
                sizes = [random.choice((10, 100, 3000, 20_000, 60_000)) for _ in range(500)]
                for i, size in enumerate(sizes):
                    ann.send({"type": "message", "message": [i, "x" * size]})
                    ann.expect("message")
                for i, size in enumerate(sizes):
                    number, text = ben.expect("message")["message"]
                    assert (number, len(text)) == (i, size)
