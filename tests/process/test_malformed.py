"""What a broken or hostile client sends gets the right answer, and nobody else notices: an honest
pair keeps talking on the same server throughout."""

import json
import struct

import pytest
from harness import (
    BINARY_FRAME,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    HonestPair,
    RawClient,
    Server,
    frame_bytes,
)


@pytest.fixture(scope="module")
def running_server():
    with Server() as running:
        pair = HonestPair(running)
        yield running
        pair.stop()


def still_works(client):
    client.send({"type": "ping", "id": "still works"})
    client.expect("pong", id="still works")


def nested(opening, closing, depth):
    return '{"type":"message","message":' + opening * depth + closing * depth + "}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "not json",
        "{",
        '{"type":"ping"',
        '{"type":"ping"}}',
        '{"type":"ping"} {"type":"ping"}',
        "{'type':'ping'}",
        '{"type":"ping",}',
        '{"type":"message","message":NaN}',
        '{"type":"message","message":01}',
        '{"type":"message","message":"tab\there"}',
        '{"type":"message","message":"\\x41"}',
        '{"type":"message","message":"\\ud800"}',
        "\ufeff" + '{"type":"ping"}',
        "\0",
        "[]",
        '"text"',
        "null",
        "17",
        nested("[", "]", 20_000),
        nested('{"a":', "}", 5_000),
        "[" * 60_000,
    ],
    ids=lambda text: repr(text[:40]),
)
def test_text_that_is_no_json_object(server, text):
    with server.client("/chat/malformed") as client:
        client.send_text(text)
        client.until("error", code="bad_json")
        still_works(client)


@pytest.mark.parametrize(
    "frame, code, named",
    [
        ({}, "bad_request", "type"),
        ({"type": 7}, "bad_request", "type"),
        ({"type": None}, "bad_request", "type"),
        ({"type": ["ping"]}, "bad_request", "type"),
        ({"type": ""}, "unknown_type", "type"),
        ({"type": "nope"}, "unknown_type", "type"),
        ({"type": "PING"}, "unknown_type", "type"),
        ({"type": "ping\u0000"}, "unknown_type", "type"),
        ({"type": "ping", "id": {}}, "bad_request", "id"),
        ({"type": "ping", "id": 1.5}, "bad_request", "id"),
        ({"type": "ping", "id": True}, "bad_request", "id"),
        ({"type": "ping", "id": "x" * 1000}, "bad_request", "id"),
        ({"type": "subscribe"}, "bad_request", "topics"),
        ({"type": "subscribe", "topics": "a"}, "bad_request", "topics"),
        ({"type": "subscribe", "topics": 5}, "bad_request", "topics"),
        ({"type": "subscribe", "topics": []}, "bad_request", "topics"),
        ({"type": "subscribe", "topics": ["a", 5]}, "bad_request", "topics"),
        ({"type": "subscribe", "topics": ["a", ""]}, "invalid_name", "topics"),
        ({"type": "subscribe", "topic": ["a"]}, "bad_request", "topic"),
        ({"type": "subscribe", "channel": {"a": 1}}, "bad_request", "channel"),
        ({"type": "unsubscribe"}, "bad_request", "topics"),
        ({"type": "join"}, "bad_request", "room"),
        ({"type": "join", "room": 5}, "bad_request", "room"),
        ({"type": "leave", "room": []}, "bad_request", "room"),
        ({"type": "message"}, "bad_request", "message"),
        ({"type": "message", "message": "x", "room": 5}, "bad_request", "room"),
        ({"type": "message", "message": "x", "user": 5}, "bad_request", "user"),
        ({"type": "message", "message": "x", "user": "a\nb"}, "bad_request", "user"),
        ({"type": "message", "message": "x", "user": "u" * 1000}, "bad_request", "user"),
        ({"type": "publish", "topic": "t"}, "bad_request", "data"),
        ({"type": "publish", "data": 1}, "bad_request", "topic"),
        ({"type": "publish", "topic": 5, "data": 1}, "bad_request", "topic"),
        ({"type": "publish", "topic": "t", "data": 1, "msg_id": 5}, "bad_request", "msg_id"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else None,
)
def test_a_wrong_field_is_named(server, frame, code, named):
    with server.member("malformed") as client:
        client.send(frame)
        assert named in client.until("error", code=code)["message"]
        still_works(client)


# Of these only `subscribe` may have some: the patterns.
NAMED = {
    "join": lambda name: {"type": "join", "room": name},
    "leave": lambda name: {"type": "leave", "room": name},
    "message": lambda name: {"type": "message", "message": "x", "room": name},
    "publish": lambda name: {"type": "publish", "topic": name, "data": 1},
}
SUBSCRIBED = {
    "topics": lambda name: {"type": "subscribe", "topics": ["fine", name]},
    "topic": lambda name: {"type": "subscribe", "topic": name},
}
NO_NAMES = ["", " ", "a b", "a\u0000b", "a\nb", "\u001b[2J", "ä", "a..b", ".a", "a.", ".", "a\\b", "a\u202eb",
            "x" * 129, "\u007f", "a*", "*a", "a.>.b", "**", ">>", "*.", ".>"]


@pytest.mark.parametrize("name", ["*", ">", "a.*", "a.>"])
@pytest.mark.parametrize("request_of", NAMED.values(), ids=NAMED)
def test_a_pattern_is_no_name(server, request_of, name):
    test_a_name_that_is_none(server, request_of, name)


@pytest.mark.parametrize("name", NO_NAMES, ids=repr)
@pytest.mark.parametrize("request_of", [*NAMED.values(), *SUBSCRIBED.values()], ids=[*NAMED, *SUBSCRIBED])
def test_a_name_that_is_none(server, request_of, name):
    with server.client() as client:
        client.send({**request_of(name), "id": 1})
        client.expect("error", code="invalid_name", id=1)
        still_works(client)


def test_the_longest_name(server):
    with server.client() as client:
        client.send({"type": "join", "room": "x" * 128})
        client.expect("joined", room="x" * 128)


def test_the_longest_message_and_one_byte_more(server):
    frame = {"type": "message", "message": ""}
    room_left = 64 * 1024 - len(json.dumps(frame))
    with server.member("longest") as client:
        client.send({**frame, "message": "x" * room_left})
        assert len(client.expect("message")["message"]) == room_left
        client.send({**frame, "message": "x" * (room_left + 1)})
        client.assert_closed_with(1009)
        client.wait_for_end()


def header_only(size):
    return struct.pack("!BBQ", 0x80 | TEXT, 0x80 | 127, size) + b"mask"


@pytest.mark.parametrize(
    "sent, code",
    [
        (frame_bytes(BINARY_FRAME, b"{}"), (1003,)),
        (frame_bytes(BINARY_FRAME, b""), (1003,)),
        (frame_bytes(BINARY_FRAME, b"{", fin=False) + frame_bytes(CONTINUATION, b"}"), (1003,)),
        (frame_bytes(TEXT, b"\xff\xfe"), (1007,)),
        (frame_bytes(TEXT, b'{"type":"\xc3"}'), (1007,)),
        (frame_bytes(TEXT, b'{"type":"\xed\xa0\x80"}'), (1007,)),
        (frame_bytes(TEXT, b"\xc3", fin=False) + frame_bytes(CONTINUATION, b"\x28"), (1007,)),
        (frame_bytes(TEXT, b"\xff", fin=False), (1007,)),
        (frame_bytes(TEXT, b"\xed\xa0" + b" " * 100)[:8], (1007,)),
        (frame_bytes(TEXT, b" " * 1024 * 1024), (1009,)),
        (header_only(2**40), (1009,)),
        (header_only(2**63), (1002,)),
        (header_only(2), (1002,)),
        (frame_bytes(TEXT, b" " * 40_000, fin=False) + frame_bytes(CONTINUATION, b" " * 40_000), (1009,)),
        (frame_bytes(TEXT, b"{}", masked=False), (1002,)),
        (frame_bytes(TEXT, b"{}", reserved=4), (1002,)),
        (frame_bytes(TEXT, b"{}", reserved=2), (1002,)),
        (frame_bytes(TEXT, b"{}", reserved=1), (1002,)),
        (frame_bytes(PING, b"", reserved=4), (1002,)),
        (frame_bytes(0x3, b""), (1002,)),
        (frame_bytes(0x7, b""), (1002,)),
        (frame_bytes(0xB, b""), (1002,)),
        (frame_bytes(0xF, b""), (1002,)),
        (frame_bytes(CONTINUATION, b"{}"), (1002,)),
        (frame_bytes(TEXT, b"{", fin=False) + frame_bytes(TEXT, b"}"), (1002,)),
        (frame_bytes(PING, b"x", fin=False), (1002,)),
        (frame_bytes(PONG, b"x", fin=False), (1002,)),
        (frame_bytes(CLOSE, b"", fin=False), (1002,)),
        (frame_bytes(PING, b"x" * 126), (1002,)),
        (frame_bytes(CLOSE, struct.pack("!H", 1000) + b"x" * 124), (1002,)),
        (frame_bytes(CLOSE, b"\x03"), (1002,)),
        (frame_bytes(CLOSE, struct.pack("!H", 999)), (1002,)),
        (frame_bytes(CLOSE, struct.pack("!H", 1004)), (1002,)),
        (frame_bytes(CLOSE, struct.pack("!H", 1005)), (1002,)),
        (frame_bytes(CLOSE, struct.pack("!H", 1006)), (1002,)),
        (frame_bytes(CLOSE, struct.pack("!H", 5000)), (1002,)),
        (frame_bytes(CLOSE, struct.pack("!H", 1000) + b"\xff"), (1002, 1007)),
    ],
    ids=[
        "binary", "binary-empty", "binary-fragments", "utf8", "utf8-cut", "utf8-surrogate",
        "utf8-across-fragments", "utf8-in-a-fragment", "utf8-in-half-a-frame", "1MB", "1TB-announced", "2^63-announced", "2-in-eight-bytes",
        "80kB-in-fragments",
        "unmasked", "rsv1", "rsv2", "rsv3", "rsv1-ping", "opcode3", "opcode7", "opcode11", "opcode15",
        "stray-continuation", "text-in-text", "ping-fragment", "pong-fragment", "close-fragment",
        "ping-long", "close-long", "close-1-byte", "close-999", "close-1004", "close-1005",
        "close-1006", "close-5000", "close-utf8",
    ],
)
def test_a_frame_that_ends_the_connection(server, sent, code):
    with server.member("ends", "Watcher") as watcher, server.member("ends", "Culprit") as culprit:
        watcher.expect("user_joined", user="Culprit")
        try:
            culprit.send_bytes(sent)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The server need not wait for the rest of it.
        closed, messages = culprit.read_to_close()
        assert closed.code in code, f"{closed} after {messages}"
        culprit.socket.close()
        watcher.expect("user_left", user="Culprit")


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1008, 1011, 1014, 3000, 4000, 4999])
def test_a_close_frame_is_answered_with_its_code(server, code):
    with server.client() as client:
        client.send_close(code)
        closed, messages = client.read_to_close()
        assert (closed.code, messages) == (code, [])
        client.wait_for_end()


def test_a_close_frame_without_a_code_is_answered(server):
    with server.client() as client:
        client.send_frame(CLOSE)
        closed, messages = client.read_to_close()
        assert closed.code in (1000, 1005)
        assert messages == []
        client.wait_for_end()


def test_what_follows_a_close_frame_is_not_heard(server):
    with server.member("after-close", "Ann") as ann, server.member("after-close", "Ben") as ben:
        ann.expect("user_joined", user="Ben")
        ben.send_bytes(
            frame_bytes(TEXT, b'{"type":"message","message":"before"}')
            + frame_bytes(CLOSE, struct.pack("!H", 1000))
            + frame_bytes(TEXT, b'{"type":"message","message":"after"}')
        )
        ann.expect("message", message="before")
        ann.expect("user_left", user="Ben")


def test_ten_bad_frames_in_a_row(server):
    with server.client() as client:
        for _ in range(9):
            client.send_text("bad")
            client.expect("error", code="bad_json")
        still_works(client)
        for bad in ["bad", '{"type":7}', '{"type":"nope"}', '{"type":"join","room":""}'] * 2 + ["bad"]:
            client.send_text(bad)
            client.expect("error")
        client.send_text("the tenth")
        messages = client.assert_closed_with(1008)
        assert messages[-1]["type"] == "disconnect"
        assert messages[-1]["close_code"] == 1008
        assert messages[-1]["reconnect"] is False
        client.wait_for_end()


def test_a_fragmented_message(server):
    text = '{"type":"message","message":"in söme pieces"}'.encode()
    with server.member("fragments") as client:
        client.send_frame(TEXT, text[:1], fin=False)
        for byte in text[1:-1]:
            client.send_frame(CONTINUATION, bytes([byte]), fin=False)
            client.send_frame(PING, b"between")
            assert client.read_frame() == (PONG, b"between")
        client.send_frame(CONTINUATION, text[-1:])
        client.expect("message", message="in söme pieces")

        client.send_frame(TEXT, b"", fin=False)
        client.send_frame(CONTINUATION, text, fin=False)
        client.send_frame(CONTINUATION, b"")
        client.expect("message", message="in söme pieces")


def test_one_byte_segments(server):
    sent = frame_bytes(TEXT, b'{"type":"message","message":"drop by drop"}') * 2
    with server.member("bytes") as client:
        for byte in sent:
            client.send_bytes(bytes([byte]))
        client.expect("message", message="drop by drop", offset=1)
        client.expect("message", message="drop by drop", offset=2)


def test_frames_sent_together_with_the_handshake(server):
    early = b"".join(
        frame_bytes(TEXT, b'{"type":"message","message":%d}' % i) for i in range(50)
    )
    with RawClient(server.port, "/chat/early", sent_with_handshake=early) as client:
        client.expect("connection")
        for i in range(50):
            client.until("message", message=i, offset=i + 1)


def test_half_a_frame_sent_together_with_the_handshake(server):
    frame = frame_bytes(TEXT, b'{"type":"message","message":"cut"}')
    with RawClient(server.port, "/chat/cut", sent_with_handshake=frame[:9]) as client:
        client.expect("connection")
        client.send_bytes(frame[9:])
        client.until("message", message="cut")


def test_many_frames_in_one_write(server):
    with server.member("burst") as client:
        client.send_bytes(
            b"".join(frame_bytes(TEXT, b'{"type":"message","message":%d}' % i) for i in range(1000))
        )
        for i in range(1000):
            client.expect("message", message=i, offset=i + 1)


def test_ping_payload_comes_back(server):
    with server.client() as client:
        for payload in (b"", b"x", b"\x00\xff" * 62, b"y" * 125):
            client.send_frame(PING, payload)
            assert client.read_frame() == (PONG, payload)


def test_unknown_fields_are_ignored(server):
    with server.client() as client:
        client.send({"type": "ping", "id": 1, "extra": {"a": [1, 2, {"b": None}]}, "": 0, "ty\u0000pe": 1})
        client.expect("pong", id=1)
