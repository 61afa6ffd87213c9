"""`troupe token` as another library sees it, and keys that rotate under a running server."""

import json
import subprocess
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from harness import BINARY, DEADLINE, Closed, RawClient, Server, environment, run_troupe

SECRET = "a secret of more than thirty-two bytes"
KINDS = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


def run_with_secret(*arguments):
    return subprocess.run(
        [BINARY, "token", *arguments],
        env={**environment(), "TROUPE_AUTH_SECRET": SECRET},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )


def test_a_minted_token_is_one_to_another_library():
    before = time.time()
    ran = run_with_secret("--user", "u1", "--username", "Zoë", "--role", "admin", "--role", "staff",
                          "--permission", "subscribe:orders.*", "--expires", "600",
                          "--issuer", "me", "--audience", "troupe")
    assert (ran.returncode, ran.stderr) == (0, "")
    claims = jwt.decode(ran.stdout.strip(), SECRET, algorithms=["HS256"], issuer="me",
                        audience="troupe")
    assert claims["user_id"] == "u1" and claims["username"] == "Zoë"
    assert claims["roles"] == ["admin", "staff"]
    assert claims["permissions"] == ["subscribe:orders.*"]
    assert claims["exp"] - claims["iat"] == 600
    assert int(before) <= claims["iat"] <= time.time()


def test_a_minted_token_opens_a_server_with_that_secret():
    token = run_with_secret("--user", "u1", "--username", "ann", "--role", "staff").stdout.strip()
    with Server("--auth-required", "true", variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        with RawClient(server.port, f"/ws?token={token}") as client:
            client.expect("connection")
            assert client.expect("authenticated")["user"] == {
                "id": "u1", "username": "ann", "roles": ["staff"]}


def test_no_token_without_a_secret_of_32_bytes():
    ran = run_troupe("token", "--user", "u1")
    assert ran.returncode == 2 and "TROUPE_AUTH_SECRET" in ran.stdout
    ran = run_troupe("token", "--user", "u1", "--secret", "hunter2")
    assert ran.returncode == 2 and "at least 32 bytes" in ran.stdout
    assert "hunter2" not in ran.stdout


@pytest.mark.parametrize("options, said", [
    (["--auth-required", "true"], "auth.required: needs auth.secret"),
    (["--auth-secret", "hunter2"], "auth.secret: expected a secret of 32 to 512 bytes"),
    (["--auth-public-key-file", "/nowhere"], "auth.public_key_file: /nowhere: cannot be read"),
    (["--auth-algorithm", "none"], "auth.algorithm: expected one of auto, HS256"),
])
def test_a_server_does_not_start_with_keys_that_cannot_be_used(options, said):
    ran = run_troupe("serve", "--port", "0", *options)
    assert ran.returncode == 1
    assert said in ran.stdout
    assert "hunter2" not in ran.stdout


class Issuer:
    """Somebody who publishes a set of keys, and signs with any of them."""

    def __init__(self, file):
        self.file = file
        self.keys = {}

    def publish(self, **algorithms):
        """A new key for each name, or the old one where the name has one already."""
        self.keys = {k: self.keys.get(k) or (a, KINDS[a]()) for k, a in algorithms.items()}
        listed = []
        for name, (algorithm, key) in self.keys.items():
            as_jwk = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
            as_jwk.pop("key_ops", None)
            listed.append({**as_jwk, "kid": name, "use": "sig", "alg": algorithm})
        self.file.write_text(json.dumps({"keys": listed}))

    def publish_besides(self, weak):
        """A key in front of the others that no server should take."""
        as_jwk = jwt.get_algorithm_by_name("RS256").to_jwk(weak.public_key(), as_dict=True)
        as_jwk.pop("key_ops", None)
        listed = json.loads(self.file.read_text())["keys"]
        self.file.write_text(json.dumps({"keys": [{**as_jwk, "kid": "weak"}, *listed]}))

    def token(self, name):
        algorithm, key = self.keys[name]
        return jwt.encode({"sub": "u1", "exp": time.time() + 600}, key, algorithm,
                          headers={"kid": name})


def is_let_in(server, token):
    with RawClient(server.port, f"/ws?token={token}") as client:
        try:
            client.expect("connection")
            client.expect("authenticated")
            return True
        except Closed as closed:
            assert (closed.code, closed.reason) == (1008, "Invalid token")
            return False


def wait_until(server, token, let_in):
    give_up_at = time.monotonic() + DEADLINE
    while is_let_in(server, token) != let_in:
        assert time.monotonic() < give_up_at, f"let in: {not let_in}"


def test_keys_rotate_under_a_running_server(tmp_path):
    issuer = Issuer(tmp_path / "jwks.json")
    issuer.publish(one="RS256", two="ES256")
    with Server("--auth-required", "true", "--auth-jwks-file", issuer.file) as server:
        tokens = {name: issuer.token(name) for name in ("one", "two")}
        with RawClient(server.port, f"/ws?token={tokens['one']}") as settled:
            settled.until("authenticated")
            assert is_let_in(server, tokens["two"])

            issuer.publish(two="ES256", three="EdDSA")
            tokens["three"] = issuer.token("three")
            wait_until(server, tokens["three"], True)
            assert not is_let_in(server, tokens["one"])
            assert is_let_in(server, tokens["two"])

            issuer.file.write_text('{"keys":[{"kty":"RSA","n":')
            issuer.file.unlink()
            assert is_let_in(server, tokens["three"]), "the old keys stay"

            issuer.publish(four="RS256")
            tokens["four"] = issuer.token("four")
            wait_until(server, tokens["four"], True)
            assert not is_let_in(server, tokens["three"])

            settled.send({"type": "ping", "id": 1})
            settled.until("pong", id=1)


def test_a_weak_key_beside_good_ones_is_named_and_does_no_harm(tmp_path):
    weak = rsa.generate_private_key(65537, 1024)
    issuer = Issuer(tmp_path / "jwks.json")
    issuer.publish(one="ES256")
    issuer.publish_besides(weak)
    why = "an RSA key of 1024 bits"
    with Server("--auth-required", "true", "--auth-jwks-file", issuer.file) as server:
        server.wait_for_log(why)
        assert is_let_in(server, issuer.token("one"))
        assert not is_let_in(server, jwt.encode({"sub": "u1"}, weak, "RS256", headers={"kid": "weak"}))
        issuer.publish(two="EdDSA")
        issuer.publish_besides(weak)
        wait_until(server, issuer.token("two"), True)
        server.wait_for_log(why, times=2)
        assert 'weak' in server.log()
