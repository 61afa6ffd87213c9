"""Plays tests/transcripts against the real binary over real sockets, with a client nobody here wrote.

The format is in tests/transcripts/README.md; tests/actors/transcripts_test.cpp plays the same files on
the actors in virtual time.
"""

import asyncio
import json
import pathlib
import socket
import struct

import pytest
import websockets

from descriptions import check_frame, request_complaints
from harness import Server

TRANSCRIPTS = sorted((pathlib.Path(__file__).parent.parent / "transcripts").glob("*.txt"))
DEADLINE = 10


def read_transcript(path):
    """Yields (number, who, verb, rest)."""
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if text and not text.startswith("#"):
            who, verb, *rest = text.split(" ", 2)
            yield number, who, verb, rest[0] if rest else ""


def matches(expected, seen):
    """Whether `seen` is what `expected` describes; "*" stands for anything."""
    if expected == "*":
        return True
    if isinstance(expected, dict):
        return (isinstance(seen, dict) and expected.keys() == seen.keys()
                and all(matches(expected[key], seen[key]) for key in expected))
    if isinstance(expected, list):
        return (isinstance(seen, list) and len(expected) == len(seen)
                and all(map(matches, expected, seen)))
    return type(expected) is type(seen) and expected == seen


class Client:
    def __init__(self, ws):
        self.ws = ws

    async def next(self):
        """The next frame, or `close CODE`."""
        try:
            return await asyncio.wait_for(self.ws.recv(), DEADLINE)
        except websockets.ConnectionClosed:
            return f"close {self.ws.close_code}"

    async def expect(self, where, wanted):
        seen = await self.next()
        if wanted.startswith("close ") or seen.startswith("close "):
            assert seen == wanted, where
        else:
            assert matches(json.loads(wanted), json.loads(seen)), f"{where}: got {seen}"
            check_frame(json.loads(seen))

    async def expect_silence(self, name):
        """Nothing comes before the answer to a ping, or nothing at all once it is closed."""
        if self.ws.close_code is None:
            await self.ws.send('{"type":"ping","id":"the end"}')
            seen = await self.next()
            assert json.loads(seen).get("id") == "the end", f"{name} also got {seen}"

    def vanish(self):
        sock = self.ws.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.ws.transport.abort()


async def play(path, port):
    cast, gone = {}, set()
    for number, who, verb, rest in read_transcript(path):
        where = f"{path.name}:{number}"
        if verb == "connects":
            cast[who] = Client(await websockets.connect(f"ws://127.0.0.1:{port}{rest}"))
        elif verb == ">":
            await cast[who].ws.send(rest)
        elif verb == "<":
            await cast[who].expect(where, rest)
        elif verb == "closes":
            await cast[who].ws.close()
        elif verb == "vanishes":
            cast[who].vanish()
            gone.add(who)
        else:
            pytest.fail(f"{where}: unknown verb {verb}")
    present = {name: client for name, client in cast.items() if name not in gone}
    for name, client in present.items():
        await client.expect_silence(name)
    for client in present.values():
        await client.ws.close()


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript_over_real_sockets(path):
    assert list(read_transcript(path)), f"{path} says nothing"
    with Server() as server:
        asyncio.run(play(path, server.port))
