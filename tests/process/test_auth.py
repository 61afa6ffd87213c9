"""Who is let in: tokens, as attackers and honest clients present them."""

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
import websockets.sync.client
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from harness import DEADLINE, Closed, RawClient, Server

SECRET = "a secret of more than thirty-two bytes"


def claims(**more):
    return {"user_id": "u1", "username": "ann", "roles": ["staff"], "exp": time.time() + 600, **more}


def token(secret=SECRET, algorithm="HS256", headers=None, **more):
    return jwt.encode(claims(**more), secret, algorithm=algorithm, headers=headers)


def encoded(data):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed_by_hand(header, payload, secret):
    """What no library agrees to make."""
    text = encoded(header) + "." + encoded(payload)
    return text + "." + encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())


@pytest.fixture(scope="module")
def guarded():
    with Server("--auth-required", "true", variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        yield server


@pytest.fixture(scope="module")
def guarded_by_status():
    with Server("--auth-required", "true", "--auth-reject", "http",
                variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        yield server


class Keys:
    def __init__(self, folder):
        self.private = rsa.generate_private_key(65537, 2048)
        self.public_pem = self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.file = folder / "public.pem"
        self.file.write_bytes(self.public_pem)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def guarded_by_key(keys):
    with Server("--auth-required", "true", "--auth-public-key-file", keys.file,
                "--auth-algorithm", "RS256") as server:
        yield server


def entry(server, presented):
    path = "/chat/hall" if presented is None else f"/chat/hall?token={presented}"
    return RawClient(server.port, path)


def assert_refused(server, presented, code=1008, reason="Invalid token"):
    with entry(server, presented) as client:
        closed, messages = client.read_to_close()
        assert (closed.code, closed.reason) == (code, reason), closed
        assert messages == []


def answer_to(server, presented):
    """What a handshake is answered by a server that refuses with a status: (status, message)."""
    query = "" if presented is None else f"?token={presented}"
    status, _, body = server.http("GET", f"/chat/hall{query}", headers={
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode()})
    return status, json.loads(body)["error"]["message"]


def rooms(server):
    status, _, body = server.http("GET", "/api/v1/rooms", key="process-tests-key")
    assert status == 200
    return json.loads(body)


ATTACKS = {
    "not a token": lambda: "hello",
    "alg none": lambda: encoded({"alg": "none"}) + "." + encoded(claims()) + ".",
    "alg NoNe": lambda: encoded({"alg": "NoNe"}) + "." + encoded(claims()) + ".",
    "alg none with a signature": lambda: signed_by_hand({"alg": "none"}, claims(), SECRET.encode()),
    "wrong key": lambda: token("another secret of more than 32 bytes!"),
    "wrong algorithm": lambda: token(SECRET, "HS512"),
    "expired, by another key": lambda: token(
        "another secret of more than 32 bytes!", exp=time.time() - 3600),
    "expired, and wrong besides": lambda: token(exp=time.time() - 3600, user_id=[]),
    "not yet valid": lambda: token(nbf=time.time() + 3600),
    "exp is a string": lambda: signed_by_hand(
        {"alg": "HS256"}, claims(exp="tomorrow"), SECRET.encode()),
    "no user": lambda: jwt.encode({"exp": time.time() + 60}, SECRET),
    "truncated": lambda: token()[:-5],
    "without a signature": lambda: token().rsplit(".", 1)[0] + ".",
    "two parts": lambda: token().rsplit(".", 1)[0],
    "four parts": lambda: token() + ".AAAA",
    "critical extension": lambda: token(headers={"crit": ["exp"]}),
    "a flipped bit": lambda: token()[:-2] + ("A" if token()[-2] != "A" else "B") + token()[-1],
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_closed_and_makes_no_room(guarded, attack):
    before = rooms(guarded)
    assert_refused(guarded, ATTACKS[attack]())
    assert rooms(guarded) == before


# Whether a client is to come back with another token, and why: the same word everywhere.
TOKENS_TO_REPLACE = {
    "none": (lambda: None, 1008, "Token required"),
    "empty": (lambda: "", 1008, "Token required"),
    "expired": (lambda: token(exp=time.time() - 3600), 4401, "Token expired"),
    "expired, as a fraction": (lambda: token(exp=time.time() - 3600.5), 4401, "Token expired"),
    "not one": (lambda: "x.y.z", 1008, "Invalid token"),
}


@pytest.mark.parametrize("which", TOKENS_TO_REPLACE)
def test_a_client_is_told_whether_a_fresh_token_will_do(guarded, guarded_by_status, which):
    make, code, reason = TOKENS_TO_REPLACE[which]
    before = rooms(guarded)
    assert_refused(guarded, make(), code, reason)
    assert rooms(guarded) == before
    assert answer_to(guarded_by_status, make()) == (401, reason)


def test_the_api_says_when_a_token_has_expired(guarded):
    status, _, body = guarded.http("GET", "/api/v1/stats", key=token(exp=1, roles=["admin"]))
    assert (status, json.loads(body)["error"]["message"]) == (401, "Token expired")


def test_a_token_of_more_than_8_kb_is_not_looked_at(guarded):
    before = rooms(guarded)
    long = token(filler="x" * 6200)
    assert len(long) > 8192
    with pytest.raises(AssertionError, match="431"):
        entry(guarded, long)
    assert rooms(guarded) == before
    with entry(guarded, token()) as client:
        client.until("authenticated")
        client.send({"type": "refresh", "token": long, "id": 1})
        assert "'token'" in client.until("error", id=1, code="bad_request")["message"]
        client.close()


@pytest.mark.parametrize("attack", ["public key as secret", "HS256", "none", "other key"])
def test_a_public_key_is_no_secret(guarded_by_key, keys, attack):
    forged = {
        "public key as secret": lambda: signed_by_hand({"alg": "HS256"}, claims(), keys.public_pem),
        "HS256": lambda: token(),
        "none": lambda: encoded({"alg": "none"}) + "." + encoded(claims()) + ".",
        "other key": lambda: jwt.encode(
            claims(), rsa.generate_private_key(65537, 2048), algorithm="RS256"),
    }[attack]()
    assert_refused(guarded_by_key, forged)


def assert_welcome(client, name="ann"):
    client.expect("connection")
    assert client.expect("authenticated")["user"] == {
        "id": "u1", "username": name, "roles": ["staff"]}


def test_a_token_in_the_query(guarded):
    with entry(guarded, token()) as client:
        assert_welcome(client)
        client.send({"type": "message", "message": "hi", "user": "root"})
        assert client.until("message")["user"] == "ann"


def test_a_token_signed_with_a_private_key(guarded_by_key, keys):
    with entry(guarded_by_key, jwt.encode(claims(), keys.private, algorithm="RS256")) as client:
        assert_welcome(client)


@pytest.mark.parametrize("how", ["header", "subprotocol"])
def test_a_token_elsewhere(guarded, how):
    options = ({"additional_headers": {"Authorization": "Bearer " + token()}} if how == "header"
               else {"subprotocols": ["troupe.v1", "bearer." + token()]})
    with websockets.sync.client.connect(guarded.url(), open_timeout=DEADLINE, **options) as client:
        assert client.subprotocol == (None if how == "header" else "troupe.v1")
        assert json.loads(client.recv(DEADLINE))["type"] == "connection"
        assert json.loads(client.recv(DEADLINE))["user"]["username"] == "ann"


def test_fractional_times_are_fine(guarded):
    now = time.time()
    with entry(guarded, token(exp=now + 60.25, iat=now - 0.5, nbf=now - 1.75)) as client:
        assert_welcome(client)


def test_a_client_is_told_how_long_its_token_has(guarded):
    with entry(guarded, token(exp=time.time() + 600)) as client:
        assert 590 <= client.until("authenticated")["expires_in"] <= 600
        client.send({"type": "refresh", "token": token(exp=time.time() + 60), "id": 1})
        assert 50 <= client.until("authenticated", id=1)["expires_in"] <= 60
        client.send({"type": "refresh", "token": jwt.encode({"sub": "u1"}, SECRET), "id": 2})
        assert "expires_in" not in client.until("authenticated", id=2)


def test_who_is_let_in_late_stays_as_long_as_others_are_let_in():
    """One end of a token for the handshake, the connection, a refresh and the API."""
    options = ["--auth-leeway-seconds", "3", "--auth-expiry-grace-seconds", "0"]
    with Server(*options, variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        expired = time.time() - 1
        late = token(exp=expired, roles=["admin"])
        with entry(server, late) as client:
            assert client.until("authenticated")["expires_in"] == 0
            client.send({"type": "refresh", "token": late, "id": 1})
            client.until("authenticated", id=1)
            assert server.http("GET", "/api/v1/stats", key=late)[0] == 200
            client.assert_closed_with(4401)
            assert time.time() >= expired + 3
        assert_refused(server, late, 4401, "Token expired")
        assert server.http("GET", "/api/v1/stats", key=late)[0] == 401


def test_an_expired_token_ends_the_connection_and_a_fresh_one_keeps_it():
    options = ["--auth-required", "true", "--auth-expiry-grace-seconds", "0.1",
               "--auth-leeway-seconds", "0"]
    with Server(*options, variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        soon = time.time() + 1.5
        with entry(server, token(exp=soon)) as stale, entry(server, token(exp=soon)) as fresh:
            fresh.until("connection")
            fresh.send({"type": "refresh", "token": token(), "id": "r"})
            assert fresh.until("authenticated", id="r")["user"]["id"] == "u1"
            messages = stale.assert_closed_with(4401)
            assert messages[-1]["type"] == "disconnect" and messages[-1]["reconnect"] is True
            fresh.send({"type": "ping", "id": 1})
            fresh.until("pong", id=1)


def test_refused_by_http_where_that_is_wanted(guarded_by_status):
    with pytest.raises(AssertionError, match="401"):
        entry(guarded_by_status, "x.y.z")
    with entry(guarded_by_status, token()) as client:
        assert_welcome(client)


def test_without_required_a_guest_is_welcome_but_no_forger():
    with Server(variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        with entry(server, None) as guest:
            guest.expect("connection")
            guest.send({"type": "ping", "id": 1})
            guest.until("pong", id=1)
        assert_refused(server, "forged.by.me")


def test_no_token_in_the_log(tmp_path):
    secrets = [SECRET]
    with Server("--auth-required", "true", "--log-level", "trace",
                variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        for presented in (token(), token(exp=1), token()[:-9], "forged.by.me-and-long-enough"):
            secrets += [part for part in presented.split(".") if len(part) > 8]
            with entry(server, presented) as client:
                try:
                    client.send({"type": "refresh", "token": presented})
                    client.send({"type": "nonsense", "token": presented})
                    client.until("error", code="unknown_type")
                except (Closed, OSError):
                    pass
        server.stop()
        for secret in secrets:
            assert secret not in server.log()
