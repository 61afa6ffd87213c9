"""Certificates come and go while the server runs, and broken ones change nothing."""

import re
import signal
import socket
import threading
import time

import pytest
from harness import DEADLINE, Server, run_troupe
from tls_clients import MANY, tls_client
from tls_files import Certificate


class Readers:
    """Subscribers to a topic that is published to all the time: every one must get everything, once
    and in order."""

    def __init__(self, server, certificate, number):
        self.readers = [tls_client(server, certificate) for _ in range(number)]
        for reader in self.readers:
            reader.send({"type": "subscribe", "topic": "live"})
            reader.expect("subscribed")
        self.published = 0
        self.failure = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._stop.is_set():
                number = self.published + 1
                speaker = self.readers[number % len(self.readers)]
                speaker.send({"type": "publish", "topic": "live", "data": number})
                answers = [speaker.read_message() for _ in range(2)]
                assert {answer["type"] for answer in answers} == {"published", "publication"}
                assert all(answer["offset"] == number for answer in answers)
                for reader in self.readers:
                    if reader is not speaker:
                        reader.expect("publication", data=number, offset=number)
                self.published = number
        except BaseException as failure:
            self.failure = failure

    def go_on(self, more=3):
        """Waits until that much more has come to all of them."""
        wanted = self.published + more
        give_up_at = time.monotonic() + DEADLINE
        while self.published < wanted and self.failure is None:
            assert time.monotonic() < give_up_at, f"stuck after {self.published}"
            time.sleep(0.001)  # Leaves the interpreter to the thread.
        assert self.failure is None, self.failure

    def stop(self):
        self._stop.set()
        self._thread.join(DEADLINE)
        assert self.failure is None, self.failure
        for reader in self.readers:
            reader.close()


def shown_certificate(server, *trusted):
    plain = socket.create_connection(("127.0.0.1", server.port), DEADLINE)
    with trusted[0].wrap(*trusted[1:])(plain) as secure:
        return secure.getpeercert(binary_form=True)


@pytest.fixture
def pair(tmp_path):
    used, first, second = (Certificate(tmp_path, name) for name in ("used", "first", "second"))
    used.replace_with(first)
    return used, first, second


def test_sighup_brings_the_new_certificate_and_nobody_goes(pair):
    used, first, second = pair
    with Server(*used.options) as server:
        readers = Readers(server, first, MANY)
        assert shown_certificate(server, first) == first.der
        for times, new in ((2, second), (3, first), (4, second)):
            readers.go_on()
            used.replace_with(new)
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("TLS certificate read", times)
            assert shown_certificate(server, new) == new.der
        with tls_client(server, second):
            readers.go_on()
        readers.stop()


def test_new_files_are_noticed(pair):
    used, first, second = pair
    with Server(*used.options) as server:
        readers = Readers(server, first, 5)
        used.replace_with(second)
        give_up_at = time.monotonic() + DEADLINE
        while shown_certificate(server, first, second) != second.der:
            assert time.monotonic() < give_up_at, server.log()
        readers.go_on()
        readers.stop()


def test_broken_files_change_nothing(pair):
    used, first, second = pair
    with Server(*used.options) as server:
        with tls_client(server, first) as client:
            used.certificate.write_text("not a certificate")
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("TLS certificate not usable")
            assert shown_certificate(server, first) == first.der
            used.key.unlink()
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("TLS certificate not usable", 2)
            assert shown_certificate(server, first) == first.der
            client.send({"type": "ping", "id": 1})
            client.expect("pong", id=1)
            used.replace_with(second)
            server.process.send_signal(signal.SIGHUP)
            give_up_at = time.monotonic() + DEADLINE
            while shown_certificate(server, first, second) != second.der:
                assert time.monotonic() < give_up_at, server.log()
            client.send({"type": "ping", "id": 2})
            client.expect("pong", id=2)
        assert "PRIVATE KEY" not in server.log()


def test_sighup_without_tls_does_no_harm():
    with Server() as server:
        with server.client() as client:
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("SIGHUP: nothing to read again")
            client.send({"type": "ping", "id": 1})
            client.expect("pong", id=1)


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (lambda c, o: c.certificate.unlink(), "tls.certificate_file .*No such file"),
        (lambda c, o: c.key.unlink(), "tls.key_file .*No such file"),
        (lambda c, o: c.key.write_bytes(o.key.read_bytes()), "tls.key_file .*mismatch"),
        (lambda c, o: c.certificate.write_text("nonsense"), "tls.certificate_file .*no start line"),
    ],
)
def test_a_server_does_not_start_with_broken_files(tmp_path, break_it, complaint):
    certificate, other = Certificate(tmp_path, "one"), Certificate(tmp_path, "other")
    break_it(certificate, other)
    refused = run_troupe("serve", "--port", 0, *certificate.options)
    assert refused.returncode == 1
    assert re.search(complaint, refused.stdout), refused.stdout
    config = tmp_path / "troupe.toml"
    config.write_text(
        f'[tls]\ncertificate_file = "{certificate.certificate}"\nkey_file = "{certificate.key}"\n'
    )
    checked = run_troupe("check", config)
    assert checked.returncode == 1
    assert re.search(complaint, checked.stdout), checked.stdout


def test_an_encrypted_key_is_refused_without_a_question(tmp_path):
    certificate = Certificate(tmp_path, "locked", passphrase="sesame")
    refused = run_troupe("serve", "--port", 0, *certificate.options)
    assert refused.returncode == 1
    assert "tls.key_file" in refused.stdout
    assert "pass phrase" not in refused.stdout


@pytest.mark.parametrize(
    "options",
    [("--tls-required", "true"), ("--tls-port", "8443"), ("--tls-key-file", "x.key")],
)
def test_keys_that_need_a_certificate(options):
    refused = run_troupe("serve", "--port", 0, *options)
    assert refused.returncode == 1
    assert "tls.certificate_file" in refused.stdout
