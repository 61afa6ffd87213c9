"""docs/from-zero.md: what its configuration, its tokens and its answers say is so. tests/browser has its page."""

import os
import re
import stat
import subprocess
import time

import jwt
import pytest
from harness import API_KEY, BINARY, DEADLINE, SOURCE_DIR, RawClient, Server, environment

TEXT = (SOURCE_DIR / "docs/from-zero.md").read_text()
SECRET = "a-secret-of-64-bytes-as-openssl-makes-it-for-the-test-of-a-page"
SITE = "Origin: https://example.com"
ANN = {"id": "u1", "name": "Ann", "roles": ["editor"], "team": "blue"}
BEN = {"id": "u2", "name": "Ben", "roles": [], "team": "red"}
METRICS_KEY = "a-key-for-metrics-of-the-test"


def listing(language, containing=""):
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if containing in block]
    return found


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("etc") / "troupe.toml"
    path.write_text(listing("toml"))
    return path


@pytest.fixture(scope="module")
def server(file):
    with Server("--config", file, variables={"TROUPE_AUTH_SECRET": SECRET, "TROUPE_METRICS_KEY": METRICS_KEY}) as running:
        yield running


@pytest.fixture(scope="module")
def make_token():
    os.environ["TROUPE_AUTH_SECRET"] = SECRET
    names = {}
    exec(listing("python"), names)
    yield names["make_token"]
    del os.environ["TROUPE_AUTH_SECRET"]


def end_of(server, token=None, headers=(SITE,)):
    """How the server ends a connection that it does not want."""
    with RawClient(server.port, "/ws" if token is None else f"/ws?token={token}", headers=headers) as client:
        closed, _ = client.read_to_close()
        return closed.code, closed.reason


def test_a_token_of_python_says_who_it_is(server, make_token):
    with server.client(f"/ws?token={make_token(ANN)}", headers=[SITE]) as ann:
        about = ann.until("authenticated")
        assert (about["user"]["id"], about["user"]["username"]) == ("u1", "Ann"), about
        assert 590 <= about["expires_in"] <= 600
        ann.until("subscribed", topics=["user.u1"])


def test_teams_and_readers_have_their_own(server, make_token):
    def answer(client, **request):
        client.send({**request, "id": 1})
        while (frame := client.read_message()).get("id") != 1:
            pass
        return frame.get("code", frame["type"])

    ann, ben = (server.client(f"/ws?token={make_token(user)}", headers=[SITE]) for user in (ANN, BEN))
    with ann, ben:
        news = {"type": "publish", "topic": "news", "data": "We have moved"}
        assert answer(ann, type="join", room="team.blue.plans") == "joined"
        assert answer(ben, type="join", room="team.blue.plans") == "insufficient_permissions"
        assert answer(ben, type="join", room="team.red.plans") == "joined"
        assert answer(ben, type="subscribe", topics=["news"]) == "subscribed"
        assert answer(ben, **news) == "insufficient_permissions"
        assert answer(ann, **news) == "published"
        assert ben.until("publication")["data"] == "We have moved"
        assert answer(ann, type="join", room="attic") == "insufficient_permissions"


def test_the_checklist_of_who_does_not_get_in(server, make_token):
    claims = jwt.decode(make_token(ANN), options={"verify_signature": False})

    def changed(**more):
        return jwt.encode({**claims, **more}, SECRET, algorithm="HS256")

    good = make_token(ANN)
    assert end_of(server) == (1008, "Token required")
    assert end_of(server, changed(aud="mail")) == (1008, "Invalid token")
    server.wait_for_log('"why":"aud does not name this audience"')
    assert end_of(server, changed(iss="https://example.org")) == (1008, "Invalid token")
    assert end_of(server, jwt.encode(claims, "x" * 64, algorithm="HS256")) == (1008, "Invalid token")
    assert end_of(server, changed(exp=int(time.time()) - 60)) == (4401, "Token expired")
    assert end_of(server, good, ["Origin: https://example.org"]) == (1008, "Origin not allowed")
    assert end_of(server, good, []) == (1008, "Origin not allowed")
    assert server.http("GET", "/metrics")[0] == 401
    assert server.http("GET", "/metrics", key=METRICS_KEY)[0] == 200


def test_clients_have_their_own_addresses(server, make_token):
    with server.client(f"/ws?token={make_token(ANN)}", headers=[SITE, "X-Forwarded-For: 192.0.2.9"]) as ann:
        _, _, answer = server.http("GET", f"/api/v1/connections/{ann.connection['connection_id']}", key="process-tests-key")
        assert b'"192.0.2.9"' in answer


def test_somebody_is_put_out(server, make_token):
    with server.client(f"/ws?token={make_token(BEN)}", headers=[SITE]) as ben:
        call = listing("sh", "curl").replace("users/u1", "users/u2").replace(":8081", f":{server.port}")
        done = subprocess.run(
            ["bash", "-euc", call.replace("curl ", "curl -sS --noproxy '*' ")],
            env={**environment(), "TROUPE_API_KEYS": API_KEY}, capture_output=True, text=True, timeout=DEADLINE,
        )
        assert done.stdout.strip() == '{"connections":1}', done
        ben.assert_closed_with(4403)
    assert end_of(server, make_token(BEN))[0] == 4403
    server.api("/api/v1/users/u2/disconnect", {"deny_seconds": 0})
    with server.client(f"/ws?token={make_token(BEN)}", headers=[SITE]) as ben:
        ben.until("authenticated")


def test_the_server_answers_as_the_page_says(file):
    console = listing("console").replace("/etc/troupe.toml", str(file))
    commands = re.findall(r"^\$ troupe (.*)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE)
    assert len(commands) == 2
    for command, expected in commands:
        done = subprocess.run(
            [BINARY, *command.split()], env={**environment(), "TROUPE_AUTH_SECRET": SECRET},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=DEADLINE,
        )
        assert (done.returncode, done.stdout) == (0, expected)


def test_the_secrets_are_good_and_for_nobody_else(file, tmp_path):
    secrets = tmp_path / "troupe.env"
    script = (listing("sh", "export") + listing("sh", "umask")).replace("/etc/troupe.env", str(secrets))
    subprocess.run(["bash", "-euc", script], env=environment(), check=True, timeout=DEADLINE)
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    variables = dict(line.split("=", 1) for line in secrets.read_text().splitlines())
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in variables.values()), variables
    checked = subprocess.run(
        [BINARY, "check", file], env={**environment(), **variables}, capture_output=True, text=True, timeout=DEADLINE
    )
    assert checked.returncode == 0 and "warning" not in checked.stdout + checked.stderr, checked.stdout + checked.stderr
