"""permessage-deflate: those who take messages compressed and those who do not hear the same, and what
a client sends compressed cannot hurt."""

import json
import random
import zlib

import pytest
from harness import (
    BINARY_FRAME,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    SANITIZED,
    TEXT,
    RawClient,
    Server,
    frame_bytes,
)
from websockets.sync.client import connect

OFFER = "permessage-deflate"
AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
FLUSH_END = b"\x00\x00\xff\xff"
FRAME_BYTES_MAX = 262_144


def deflated(data, level=6):
    """A message's payload as RFC 7692 has it."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return (packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(FLUSH_END)


def deflated_to_the_end(data):
    """The same in one last block, without the empty one that has to follow."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(zlib.Z_FINISH)


class DeflateClient(RawClient):
    """Takes compressed frames, counts them, and sends what it is told, compressed or not."""

    def __init__(self, port, path="/ws", offer=OFFER):
        super().__init__(port, path, headers=[f"Sec-WebSocket-Extensions: {offer}"])
        self.compressed = 0
        self.plain = 0
        self.bytes = 0

    def read_frame(self):
        first, size = self._read(2)
        assert size < 128, "masked"
        if size == 126:
            size = int.from_bytes(self._read(2), "big")
        elif size == 127:
            size = int.from_bytes(self._read(8), "big")
        payload = self._read(size)
        assert first & 0xB0 == 0x80, f"{first:#x}"
        self.bytes += size
        if not first & 0x40:
            self.plain += first & 0x0F == TEXT
            return first & 0x0F, payload
        assert first & 0x0F == TEXT, "only messages are compressed"
        self.compressed += 1
        # With nothing carried over from the message before.
        return TEXT, zlib.decompressobj(-15).decompress(payload + FLUSH_END)

    def send_compressed(self, text, **options):
        data = text.encode() if isinstance(text, str) else text
        self.send_frame(TEXT, deflated(data), reserved=4, **options)


@pytest.fixture(scope="module")
def running_server():
    with Server("--deflate-enabled", "true", "--limits-frame-bytes-max", FRAME_BYTES_MAX) as running:
        yield running


def deflating(server, path="/ws", offer=OFFER):
    client = DeflateClient(server.port, path, offer)
    client.expect("connection")
    return client


def says(text):
    return json.dumps({"type": "message", "message": text})


def chatter(count, seed=1):
    """Messages short and long, easy and hard to compress, in several alphabets."""
    dice = random.Random(seed)
    for i in range(count):
        size = dice.choice([1, 40, 200, 256, 1000, 8000, 70_000])
        alphabet = dice.choice(["ab ", "kočka leze dírou", "0123456789abcdef", "🎭🎪 "])
        yield f"{i} " + "".join(dice.choices(alphabet, k=size // len(alphabet[0].encode())))


def test_it_is_off_by_default():
    with Server() as server:
        with DeflateClient(server.port) as client:
            assert "Sec-WebSocket-Extensions" not in client.head
            client.expect("connection")
            client.send_compressed('{"type":"ping"}')
            client.assert_closed_with(1002)


@pytest.mark.parametrize(
    "offer, answer",
    [
        (OFFER, AGREED),
        ("permessage-deflate; client_max_window_bits", AGREED),
        ("permessage-deflate; server_max_window_bits=15", AGREED + "; server_max_window_bits=12"),
        ("permessage-deflate; server_max_window_bits=9", None),
        ("permessage-deflate; server_max_window_bits=9, permessage-deflate", AGREED),
        ("permessage-deflate; surprise", None),
        ("x-other", None),
        ("permessage-deflate; ;", None),
    ],
)
def test_the_answer_to_an_offer(server, offer, answer):
    with DeflateClient(server.port, "/chat/offers", offer) as client:
        named = [line for line in client.head.split("\r\n") if line.startswith("Sec-WebSocket-Extensions")]
        assert named == ([] if answer is None else [f"Sec-WebSocket-Extensions: {answer}"])
        client.expect("connection")
        client.send_text(says("x" * 1000))
        client.until("message", message="x" * 1000)
        assert client.compressed == (0 if answer is None else 1)


def test_all_members_of_a_room_hear_the_same(server):
    with (
        server.member("mixed", "Plain") as plain,
        deflating(server, "/chat/mixed?user=Raw") as raw,
        connect(server.url("/chat/mixed?user=Library")) as library,
        connect(server.url("/chat/mixed?user=Bare"), compression=None) as bare,
    ):
        assert "permessage-deflate" in library.response.headers["Sec-WebSocket-Extensions"]
        assert "Sec-WebSocket-Extensions" not in bare.response.headers
        plain.until("user_joined", user="Bare")
        raw.until("user_joined", user="Bare")
        assert json.loads(library.recv())["type"] == "connection"
        assert json.loads(library.recv())["user"] == "Bare"
        assert json.loads(bare.recv())["type"] == "connection"
        read_before = raw.bytes

        speakers = [plain.send_text, raw.send_text, raw.send_compressed, library.send, bare.send]
        said = 0
        for i, text in enumerate(chatter(100)):
            speakers[i % len(speakers)](says(text))
            heard = [
                plain.read_message(),
                raw.read_message(),
                json.loads(library.recv()),
                json.loads(bare.recv()),
            ]
            assert heard[0]["message"] == text
            assert heard[0]["offset"] == i + 1
            assert heard == [heard[0]] * 4
            said += len(text.encode())
        assert raw.compressed > 50 and raw.plain > 10
        print(f"{said} bytes said, {raw.bytes - read_before} bytes heard")
        assert raw.bytes - read_before < said / 1.5


def test_answers_and_publications_are_compressed_too(server):
    with deflating(server) as client:
        topics = [f"compressed.topic.{i}" for i in range(50)]
        client.send({"type": "subscribe", "topics": topics})
        assert client.expect("subscribed")["topics"] == topics
        status, _ = server.api("/api/v1/publish", {"topic": topics[7], "data": "y" * 3000})
        assert status == 200
        client.expect("publication", topic=topics[7], data="y" * 3000)
        assert client.compressed >= 1
        client.send({"type": "join", "room": "n" * 129, "id": "i" * 100})
        client.expect("error", code="invalid_name", id="i" * 100)


def test_a_compressed_message_in_fragments(server):
    text = says("in söme pieces").encode()
    payload = deflated(text)
    with deflating(server, "/chat/deflate-fragments") as client:
        client.send_frame(TEXT, payload[:1], fin=False, reserved=4)
        for byte in payload[1:-1]:
            client.send_frame(CONTINUATION, bytes([byte]), fin=False)
            client.send_frame(PING, b"between")
            assert client.read_frame() == (PONG, b"between")
        client.send_frame(CONTINUATION, payload[-1:])
        client.expect("message", message="in söme pieces")
        client.send_frame(TEXT, b"", fin=False, reserved=4)
        client.send_frame(CONTINUATION, payload, fin=False)
        client.send_frame(CONTINUATION, b"")
        client.expect("message", message="in söme pieces")
        client.send_text(says("plain"))
        client.expect("message", message="plain", offset=3)


@pytest.mark.parametrize("level", [0, 1, 9])
def test_an_early_last_block(server, level):
    """RFC 7692, 7.2.3.4: valid with the empty block that follows, of which one byte is sent."""
    with deflating(server, f"/chat/final-{level}") as client:
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        payload = packer.compress(says("the end").encode()) + packer.flush(zlib.Z_FINISH)
        client.send_frame(TEXT, payload + b"\x00", reserved=4)
        client.expect("message", message="the end")
        client.send_compressed(says("and on"))
        client.expect("message", message="and on")


PING_TEXT = b'{"type":"ping"}'
PAYLOAD = deflated(PING_TEXT)


@pytest.mark.parametrize(
    "sent, code",
    [
        (frame_bytes(TEXT, b"\x07 is no kind of block", reserved=4), 1007),
        (frame_bytes(TEXT, PING_TEXT, reserved=4), 1007),
        (frame_bytes(TEXT, b"", reserved=4), 1007),
        (frame_bytes(TEXT, PAYLOAD[:-3], reserved=4), 1007),
        (frame_bytes(TEXT, random.Random(1).randbytes(5000), reserved=4), 1007),
        (frame_bytes(TEXT, deflated_to_the_end(PING_TEXT), reserved=4), 1007),
        (frame_bytes(TEXT, deflated_to_the_end(PING_TEXT) + b"\x00more", reserved=4), 1007),
        (frame_bytes(TEXT, deflated_to_the_end(PING_TEXT) + PAYLOAD, reserved=4), 1007),
        (frame_bytes(TEXT, deflated(b'{"type":"\xc3"}'), reserved=4), 1007),
        (frame_bytes(TEXT, PAYLOAD, reserved=6), 1002),
        (frame_bytes(TEXT, PAYLOAD, reserved=5), 1002),
        (frame_bytes(TEXT, PAYLOAD, fin=False, reserved=4) + frame_bytes(CONTINUATION, b"", reserved=4), 1002),
        (frame_bytes(PING, b"x", reserved=4), 1002),
        (frame_bytes(PONG, b"x", reserved=4), 1002),
        (frame_bytes(CLOSE, b"\x03\xe8", reserved=4), 1002),
        (frame_bytes(BINARY_FRAME, PAYLOAD, reserved=4), 1003),
        (frame_bytes(TEXT, deflated(says("x" * FRAME_BYTES_MAX).encode()), reserved=4), 1009),
        (frame_bytes(TEXT, deflated(bytes(100_000_000), 9), reserved=4), 1009),
    ],
    ids=[
        "block-type-3", "not-compressed", "nothing", "cut", "noise", "final-alone", "final-and-more",
        "final-and-message", "utf8", "rsv1+2", "rsv1+3", "rsv1-continuation", "rsv1-ping", "rsv1-pong",
        "rsv1-close", "binary", "a-bit-too-long", "bomb",
    ],
)
def test_what_ends_the_connection(server, sent, code):
    with server.member("deflate-ends", "Watcher") as watcher:
        with deflating(server, "/chat/deflate-ends?user=Culprit") as culprit:
            watcher.expect("user_joined", user="Culprit")
            culprit.send_bytes(sent)
            culprit.assert_closed_with(code)
            culprit.wait_for_end()
        watcher.expect("user_left", user="Culprit")


def test_the_longest_message(server):
    room_left = FRAME_BYTES_MAX - len(says(""))
    with deflating(server, "/chat/deflate-longest") as client:
        client.send_compressed(says("x" * room_left))
        assert len(client.expect("message")["message"]) == room_left
        assert client.bytes < 10_000


def peak_kilobytes(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps freed memory")
def test_bombs_take_no_memory():
    """Fifty of 100 MB, one in fragments among them: the peak is what counts."""
    bomb = frame_bytes(TEXT, deflated(bytes(100_000_000), 9), reserved=4)
    payload = deflated(b"[" * 100_000_000, 9)
    pieces = frame_bytes(TEXT, payload[:50_000], fin=False, reserved=4) + frame_bytes(
        CONTINUATION, payload[50_000:]
    )
    with Server("--deflate-enabled", "true", "--limits-frame-bytes-max", FRAME_BYTES_MAX) as server:
        with deflating(server, "/chat/bombed") as honest:
            honest.send_compressed(says("x" * 200_000))
            honest.expect("message")
            before = peak_kilobytes(server.process)
            culprits = [deflating(server) for _ in range(50)]
            for i, culprit in enumerate(culprits):
                culprit.send_bytes(pieces if i == 25 else bomb)
            for culprit in culprits:
                culprit.assert_closed_with(1009)
                culprit.socket.close()
            grown = peak_kilobytes(server.process) - before
            print(f"{grown} KiB more at the peak")
            assert grown < 50 * FRAME_BYTES_MAX / 1024 + 4096
            honest.send_compressed(says("still here"))
            honest.expect("message", message="still here")


def test_a_smaller_window_and_another_level():
    with Server(
        "--deflate-enabled", "true", "--deflate-window-bits", 9, "--deflate-level", 9,
        "--deflate-min-bytes", 1, "--limits-frame-bytes-max", FRAME_BYTES_MAX,
    ) as server:
        offer = "permessage-deflate; server_max_window_bits=9"
        with deflating(server, "/chat/small", offer) as client, server.member("small") as plain:
            client.until("user_joined")
            for text in chatter(30, seed=2):
                client.send_compressed(says(text))
                heard = plain.read_message()
                assert heard["message"] == text
                assert client.read_message() == heard
            assert client.compressed > 25


def test_a_heartbeat_and_last_words_are_readable_whatever_min_bytes_is():
    with Server(
        "--deflate-enabled", "true", "--deflate-min-bytes", 1, "--server-heartbeat-seconds", 0.2
    ) as server:
        with deflating(server, "/chat/heartbeat") as client:
            client.answers_pings = False
            client.expect("ping")
            assert client.read_frame()[0] == PING
            client.answers_pings = True
            server.terminate()
            messages = client.assert_closed_with(1001)
            assert messages[-1]["type"] == "disconnect"
            client.socket.close()
