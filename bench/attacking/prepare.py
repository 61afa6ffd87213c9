"""What each attacker sends, made before it begins."""

import base64
import hmac
import itertools
import json
import ssl
import string

from . import websocket
from .attacker import Prepared
from .websocket import handshake, say

LETTERS = string.ascii_lowercase + string.digits
TOPICS_EACH = 128  # that a connection may subscribe to
WS = handshake("/ws")


def new_names(count: int):
    """As many, all different and equally long."""
    width = 1
    while len(LETTERS) ** width < count:
        width += 1
    return itertools.islice(map("".join, itertools.product(LETTERS, repeat=width + 1)), count)


def groups(names, size: int):
    names = iter(names)
    while group := list(itertools.islice(names, size)):
        yield group


def frames(connections: int, units: list, units_each: int = 0, openings: tuple = (WS,)) -> Prepared:
    assert len({len(unit) for unit in units}) == 1, "units differ in size"
    return Prepared(connections, list(openings), b"".join(units), len(units[0]), units_each)


def subscribing() -> Prepared:
    units = [say({"type": "subscribe", "topics": group}) + say({"type": "unsubscribe", "topics": group})
             for group in groups(new_names(500_000 // TOPICS_EACH * TOPICS_EACH), TOPICS_EACH)]
    return frames(16, units, units_each=550)


def publishing() -> Prepared:
    return frames(16, [say({"type": "publish", "topic": name, "data": 1})
                       for name in new_names(300_000)], units_each=260)


def joining() -> Prepared:
    return frames(16, [say({"type": "join", "room": name}) + say({"type": "leave", "room": name})
                       for name in new_names(200_000)], units_each=160)


def dialling() -> Prepared:
    return Prepared(32, [handshake(f"/chat/{name}") for name in new_names(100_000)], hangs_up=True)


def colliding(names: list) -> Prepared:
    """Subscribed to by as many connections as that takes; then all are published on."""
    openings = [WS + say({"type": "subscribe", "topics": group})
                for group in groups(names, TOPICS_EACH)]
    return frames(len(openings), [say({"type": "publish", "topic": name, "data": 1}) for name in names],
                  openings=tuple(openings))


def requests(line: str, *headers: str, body: str = "", connections: int = 16) -> Prepared:
    lines = [f"{line} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    one = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
    count = 65_536 // len(one)
    return Prepared(connections, [one], one * count, len(one))


def api_calls() -> Prepared:
    return requests("POST /api/v1/publish", "Authorization: Bearer not-the-key-of-this-server",
                    body='{"topic":"t","data":1}')


def metrics_with_key() -> Prepared:
    return requests("GET /metrics", "Authorization: Bearer not-the-key-of-this-server")


def bad_tokens() -> Prepared:
    """Well made, but signed with another secret."""
    head, claims = ({"alg": "HS256", "typ": "JWT"}, {"user_id": "eve", "exp": 4_000_000_000})
    text = b".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
    token = text + b"." + encoded(hmac.digest(b"another secret", text, "sha256"))
    return Prepared(32, [handshake(f"/ws?token={token.decode()}")], hangs_up=True)


def encoded(what: bytes) -> bytes:
    return base64.urlsafe_b64encode(what).rstrip(b"=")


def same_frames(unit: bytes, units_each: int = 0) -> Prepared:
    return frames(16, [unit] * (65_536 // len(unit)), units_each)


def json_pongs() -> Prepared:
    return same_frames(say({"type": "pong"}))


def json_pongs_in_bursts() -> Prepared:
    """As many as a connection may say at once, and then another connection."""
    return same_frames(say({"type": "pong"}), units_each=1_000)


def pongs() -> Prepared:
    return same_frames(websocket.frame(websocket.PONG))


def pings() -> Prepared:
    return same_frames(websocket.frame(websocket.PING))


def metrics() -> Prepared:
    return requests("GET /metrics", connections=1_000)


def health_checks() -> Prepared:
    return requests("GET /healthz", connections=1_000)


def silence() -> Prepared:
    return Prepared(6_000, [b""])


def half_requests() -> Prepared:
    return Prepared(6_000, [b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"])


def half_tls() -> Prepared:
    """Each says hello, and nothing to the answer."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return Prepared(2_000, [outgoing.read()])
