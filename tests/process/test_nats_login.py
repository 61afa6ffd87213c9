"""How the server logs in to NATS: passwords, tokens, nkeys, credentials and certificates. No secret
is shown anywhere."""

import re

import pytest
from harness import Server, run_troupe
from nats_figures import figures, is_away, is_connected, readyz, subscriber, until
from nats_raw import NKey
from nats_server import NatsServer
from tls_files import Certificate

SECRET = "wrong-pa55word"


USERS = ("--user", "troupe", "--pass", SECRET)
ODD = 'p@ss:w/rd#%41,+ é"\\'  # as it is, and as a URL has it
ODD_IN_URL = "p%40ss%3Aw%2Frd%23%2541%2C+%20%C3%A9%22%5c"


@pytest.mark.parametrize(
    ("nats_options", "options"),
    [
        (USERS, ("--nats-user", "troupe", "--nats-password", SECRET)),
        (USERS, ("in-url", f"troupe:{SECRET}@")),
        (("--auth", SECRET), ("--nats-token", SECRET)),
        (("--auth", SECRET), ("in-url", f"{SECRET}@")),
        (("--user", "a:b", "--pass", SECRET + ODD), ("in-url", f"a%3Ab:{SECRET}{ODD_IN_URL}@")),
        (("--auth", SECRET + ODD), ("in-url", f"{SECRET}{ODD_IN_URL}@")),
        (("--user", '"', "--pass", SECRET + ODD), ("--nats-user", '"', "--nats-password", SECRET + ODD)),
    ],
    ids=["user", "user in the URL", "token", "token in the URL", "odd user in the URL", "odd token in the URL",
         "odd user"],
)
def test_secrets_let_the_server_in_and_are_not_told(nats_options, options):
    with NatsServer(*nats_options) as nats:
        url = nats.url
        if options[0] == "in-url":
            url, options = url.replace("nats://", f"nats://{options[1]}"), ()
        options = (*options, "--nats-name", 'a "server"')
        with Server("--nats-url", url, *options, "--log-level", "trace") as server:
            until(server, is_connected)
            nats.kill()
            until(server, is_away)
            nats.start()
            until(server, is_connected)
            assert SECRET.encode() not in server.http("GET", "/metrics")[2]
            server.stop()
            assert SECRET not in server.log() and ODD not in server.log()
            assert f"nats://127.0.0.1:{nats.port}" in server.log()


def serves_everything_else(server):
    with server.member("r", "Ann") as ann, server.member("r", "Ben") as ben:
        ann.until("user_joined")
        ann.send({"type": "message", "message": "hello"})
        ben.until("message", message="hello")


@pytest.mark.parametrize("where", ["key", "url"])
def test_a_wrong_password_is_told_without_it(where):
    with NatsServer("--user", "troupe", "--pass", "right") as nats:
        if where == "key":
            options = ("--nats-url", nats.url, "--nats-user", "troupe", "--nats-password", SECRET)
        else:
            options = ("--nats-url", nats.url.replace("nats://", f"nats://troupe:{SECRET}@"))
        with Server(*options, "--nats-reconnect-wait-seconds", 0.05) as server:
            server.wait_for_log("cannot connect to NATS")
            assert re.search(r"why=.*[Aa]uthorization", server.log()), server.log()
            serves_everything_else(server)
            assert readyz(server) == (200, "ok, nats away\n")
            server.stop()
            assert SECRET not in server.log()


def test_a_password_that_is_changed_under_way_is_told_and_mended(tmp_path):
    """nats.c gives such a connection up; the server does not."""
    accounts = tmp_path / "accounts.conf"

    def accept(password):
        accounts.write_text(f'authorization {{ user: troupe, password: "{password}" }}')

    accept(SECRET)
    with NatsServer("--config", accounts) as nats:
        options = ("--nats-user", "troupe", "--nats-password", SECRET)
        wait = ("--nats-reconnect-wait-seconds", 0.05)
        with Server("--nats-url", nats.url, *options, *wait) as server:
            until(server, is_connected)
            nats.kill()
            accept("another")
            nats.start()
            server.wait_for_log("Authorization Violation")
            nats.kill()
            accept(SECRET)
            nats.start()
            until(server, is_connected)
            client = subscriber(server)
            troupe_again = figures(server)["nats_reconnects_total"]
            assert troupe_again >= 1
            client.socket.close()
            assert SECRET not in server.log()


def test_an_nkey(tmp_path):
    key = NKey("user")
    (tmp_path / "seed").write_text(key.seed + "\n")
    (tmp_path / "nats.conf").write_text(f"authorization {{ users: [ {{ nkey: {key.public} }} ] }}")
    with NatsServer("--config", tmp_path / "nats.conf") as nats:
        with Server("--nats-url", nats.url, "--nats-nkey-seed-file", tmp_path / "seed") as server:
            until(server, is_connected)
            assert key.seed not in server.log()


def test_credentials(tmp_path):
    operator, account, user = NKey("operator"), NKey("account"), NKey("user")
    limits = {"subs": -1, "data": -1, "payload": -1, "conn": -1, "leaf": -1, "imports": -1,
              "exports": -1, "wildcards": True}
    (tmp_path / "nats.conf").write_text(
        f"operator: {operator.sign_jwt(operator.public, 'O', {'type': 'operator'})}\n"
        "resolver: MEMORY\nresolver_preload: {\n"
        f"  {account.public}: "
        + operator.sign_jwt(account.public, "A", {"type": "account", "limits": limits})
        + "\n}\n"
    )
    token = account.sign_jwt(
        user.public, "troupe", {"type": "user", "subs": -1, "data": -1, "payload": -1}
    )
    (tmp_path / "troupe.creds").write_text(
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
    )
    with NatsServer("--config", tmp_path / "nats.conf") as nats:
        file = tmp_path / "troupe.creds"
        with Server("--nats-url", nats.url, "--nats-credentials-file", file) as server:
            until(server, is_connected)
            assert user.seed not in server.log()
            assert token not in server.log()


def tls_options(certificate):
    return ("--tls", "--tlscert", certificate.certificate, "--tlskey", certificate.key)


def test_tls_and_a_certificate_for_nats(tmp_path):
    theirs, ours = Certificate(tmp_path, "nats"), Certificate(tmp_path, "troupe")
    options = (*tls_options(theirs), "--tlsverify", "--tlscacert", ours.certificate)
    with NatsServer(*options) as nats:
        url = f"tls://127.0.0.1:{nats.port}"
        mine = ("--nats-tls-certificate-file", ours.certificate, "--nats-tls-key-file", ours.key)
        trust = ("--nats-tls-ca-file", theirs.certificate)
        with Server("--nats-url", url, *trust, *mine) as server:
            until(server, is_connected)
            nats.kill()
            until(server, is_away)
            nats.start()
            until(server, is_connected)
        with Server("--nats-url", url, *trust) as server:
            server.wait_for_log("cannot connect to NATS")
            serves_everything_else(server)


def test_a_certificate_that_nobody_trusts(tmp_path):
    theirs, other = Certificate(tmp_path, "nats"), Certificate(tmp_path, "other")
    with NatsServer(*tls_options(theirs)) as nats:
        url = f"tls://127.0.0.1:{nats.port}"
        for trust in ((), ("--nats-tls-ca-file", other.certificate)):
            with Server("--nats-url", url, *trust, "--nats-token", SECRET) as server:
                server.wait_for_log("cannot connect to NATS")
                assert re.search(r"why=.*certificate", server.log()), server.log()
                serves_everything_else(server)
                assert is_away(figures(server))
                server.stop()
                assert SECRET not in server.log()


def test_a_certificate_of_another_host(tmp_path):
    theirs = Certificate(tmp_path, "nats")  # for 127.0.0.1
    with NatsServer(*tls_options(theirs)) as nats:
        url = f"tls://localhost:{nats.port}"
        with Server("--nats-url", url, "--nats-tls-ca-file", theirs.certificate) as server:
            server.wait_for_log("cannot connect to NATS")
            assert is_away(figures(server))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--nats-url", "localhost:4222"), "nats.url: expected nats://HOST:PORT"),
        (("--nats-url", f"nats://u:{SECRET}@h h"), "nats.url: expected nats://HOST:PORT"),
        (("--nats-tls-ca-file", "/nowhere"), 'nats.tls_ca_file "/nowhere"'),
        (("--nats-credentials-file", "/nowhere"), 'nats.credentials_file "/nowhere"'),
        (("--nats-nkey-seed-file", "/nowhere"), 'nats.nkey_seed_file "/nowhere"'),
        (("--nats-user", "u", "--nats-token", SECRET), "expected only one of user, token"),
    ],
)
def test_what_cannot_work_is_refused_at_the_start(options, complaint):
    if "--nats-url" not in options:
        options = ("--nats-url", "nats://127.0.0.1:4222", *options)
    refused = run_troupe("serve", "--port", 0, *options)
    assert refused.returncode == 1
    assert complaint in refused.stdout
    assert SECRET not in refused.stdout
