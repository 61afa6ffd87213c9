"""How it connects: what a Python client sees of a handshake, proxies of the environment, URLs, and tokens."""

import asyncio
import time

import pytest
from harness import API_KEY, Server
from tls_files import Certificate
from websockets.exceptions import InvalidProxy

from troupe_client import Options, TroupeError, connect
from troupe_client.address import checked_url, is_loopback
from troupe_client.api import Api

SECRET = "a secret of more than thirty-two bytes"
LONG_BASE = Options(base=0.01, max=0.05)


async def test_retry_after_is_obeyed(heard):
    """The server is full, and says when to come back."""
    with Server("--limits-connections-max", 1) as server:
        told = heard()
        with server.client() as occupant:
            client = connect(server.url(), options=LONG_BASE)
            client.on_state(told)
            async with client:
                waiting = await told.state("waiting")
                assert (waiting.code, waiting.delay >= 1) == (503, True)
                begun = time.monotonic()
                occupant.close()
                await client.opened()
                assert time.monotonic() - begun > 0.9


async def test_a_date_in_retry_after(heard):
    """As proxies on the way may say it."""
    from email.utils import formatdate

    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        date = formatdate(time.time() + 3, usegmt=True)
        writer.write(f"HTTP/1.1 503 No\r\nRetry-After: {date}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    told = heard()
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as full:
        client = connect(f"ws://127.0.0.1:{full.sockets[0].getsockname()[1]}", options=LONG_BASE)
        client.on_state(told)
        async with client:
            assert 1 < (await told.state("waiting")).delay < 4


@pytest.fixture
def environment_with_a_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


async def test_proxies_are_not_for_this_machine(environment_with_a_proxy, url):
    async with connect(url, options=LONG_BASE) as client:
        await client.opened()


async def test_proxies_are_for_others(environment_with_a_proxy, heard):
    """Nobody listens at that port, so the attempt fails there, and not with the name of the host."""
    told = heard()
    client = connect("ws://troupe.invalid:8081", options=LONG_BASE)
    client.on_state(told)
    async with client:
        assert "Connect call failed ('127.0.0.1', 9)" in (await told.state("waiting")).reason


async def test_a_proxy_by_hand(url, heard):
    told = heard()
    client = connect(url, proxy="no proxy", options=LONG_BASE)
    client.on_state(told)
    async with client:
        assert InvalidProxy.__name__ in (await told.state("waiting")).reason


@pytest.mark.parametrize(
    "url, loopback",
    [
        ("ws://localhost:1", True),
        ("ws://x.localhost", True),
        ("ws://127.8.9.1", True),
        ("ws://[::1]:80", True),
        ("ws://10.0.0.1", False),
        ("wss://localhost.example", False),
    ],
)
def test_this_machine(url, loopback):
    assert is_loopback(url) is loopback


@pytest.mark.parametrize(
    "given, made",
    [
        ("ws://h", "ws://h/ws"),
        ("ws://h:1/", "ws://h:1/ws"),
        ("http://h/ws", "ws://h/ws"),
        ("https://h/behind/ws", "wss://h/behind/ws"),
        ("ws://h/ws?a=b", "ws://h/ws?a=b"),
    ],
)
def test_urls(given, made):
    assert checked_url(given) == made


@pytest.mark.parametrize("url", ["", "h:8081", "ftp://h", "ws://", "ws://h:port", "ws:///ws", 8081, None, b"ws://h"])
def test_what_is_no_url(url):
    with pytest.raises(ValueError):
        connect(url)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "ü", 5, b"a.b.c"])
def test_what_is_no_token(token):
    with pytest.raises(ValueError, match="token"):
        connect("ws://h", token=token)


@pytest.mark.parametrize("user", [5, b"Ann", "\ud800"])
def test_what_is_no_user(user):
    with pytest.raises(ValueError):
        connect("ws://h", user=user)


@pytest.mark.parametrize(
    "path, user, told", [("/ws", "x" * 300, "bad_request: "), ("/ws/x", None, "not_found: No such path")]
)
async def test_what_the_server_does_not_understand(url, path, user, told):
    """It never will: the client says so, and ends. Once there was no end; a close with 1008 says the same."""
    async with connect(url + path, user=user, options=LONG_BASE) as client:
        with pytest.raises(TroupeError) as refused:
            await client.opened()
        assert refused.value.code == "closed"
        assert refused.value.close_code in (400, 404, 1008)
        assert told in refused.value.message or refused.value.close_code == 1008


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 503])
@pytest.mark.parametrize("body", ["<h1>No</h1>", '{"error":"no"}', "[" * 5000])
async def test_a_proxy_that_answers_passes(heard, status, body):
    """While a server is exchanged a proxy may answer anything."""

    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status} No\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        writer.close()

    told = heard()
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as front:
        client = connect(f"ws://127.0.0.1:{front.sockets[0].getsockname()[1]}", options=LONG_BASE)
        client.on_state(told)
        async with client:
            assert (await told.state("waiting")).code == status


async def test_a_provider_that_gives_no_token(url, heard):
    """Is reported, and asked again."""
    given, told = ["x\r\nX-Injected: 1", None, 7], heard()

    def provide(reason):
        return given.pop(0) if given else "some.fine.token"

    client = connect(url, token=provide, options=LONG_BASE)
    client.on_error(told)
    async with client:
        await client.opened()
    assert [type(each) for each in told] == [ValueError] * 3


@pytest.mark.parametrize("user", ["Ann & Ben", "a+b", "Zoë 🎭", "?user=x#y"])
async def test_names(server, url, user):
    async with connect(url, user=user) as client, client.room("names") as room:
        await room.say(1)
        assert (await anext(room)).user == user


async def test_a_token_is_in_no_url():
    """Proxies write URLs into their logs."""
    with Server(variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        import jwt

        token = jwt.encode({"sub": "u1", "username": "Ann"}, SECRET, "HS256")
        seen = asyncio.get_running_loop().create_future()

        async def look(reader, writer):
            head = await reader.readuntil(b"\r\n\r\n")
            writer.close()
            if not seen.done():
                seen.set_result(head.decode())

        async with await asyncio.start_server(look, "127.0.0.1", 0) as front:
            port = front.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}", token=token, options=LONG_BASE):
                target, _, headers = (await seen).partition("\r\n")
        assert token not in target
        assert f"Authorization: Bearer {token}" in headers
        async with connect(server.url(), token=token) as client, client.room("r") as room:
            await room.say(1)
            assert (await anext(room)).user_id == "u1"


async def test_tls(tmp_path, heard):
    """With a certificate that is trusted, and with one that is not; the same for the API."""
    certificate, told = Certificate(tmp_path, "ours"), heard()
    with Server(*certificate.options) as server:
        url = server.url().replace("ws://", "wss://")
        async with connect(url, ssl=certificate.context()) as client, client.room("secret") as room:
            await room.say("x" * 50_000)
            assert len((await anext(room)).content) == 50_000
        stranger = connect(url, options=LONG_BASE)
        stranger.on_state(told)
        async with stranger:
            assert "CERTIFICATE_VERIFY_FAILED" in (await told.state("waiting")).reason
        with Api(url, API_KEY, ssl_context=certificate.context()) as api:
            assert api.history(room="secret").messages[0].offset == 1
        with Api(url, API_KEY, patience=0) as api, pytest.raises(TroupeError) as refused:
            api.stats()
        assert refused.value.code == "offline"


async def test_headers_of_ones_own(tmp_path):
    """An origin that the server lists, and one that it does not."""
    with Server("--server-origins", "https://good.example") as server:
        async with connect(server.url(), headers={"Origin": "https://good.example"}) as client:
            await client.opened()
        async with connect(server.url(), headers={"Origin": "https://bad.example"}) as client:
            with pytest.raises(TroupeError) as refused:
                await client.opened()
        assert (refused.value.close_code, refused.value.message) == (1008, "Origin not allowed")


async def test_a_server_that_is_not_there_yet(proxy, proxied):
    """Nobody waits for it to be: the client comes when it does."""
    proxy.refuse()
    async with connect(proxied, options=LONG_BASE) as client:
        saying = asyncio.ensure_future(client.publish("early", 1))
        await asyncio.sleep(0.1)
        assert not saying.done()
        proxy.accept()
        assert (await saying).offset == 1


async def test_closed_for_good_is_told_to_who_waits():
    with Server("--auth-required", "true", variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        async with connect(server.url()) as client:
            with pytest.raises(TroupeError) as refused:
                await client.opened()
            assert (refused.value.code, refused.value.close_code) == ("closed", 1008)
            assert refused.value.message == "Token required"
