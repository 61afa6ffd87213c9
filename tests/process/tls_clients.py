"""Clients of a server with TLS, and the fixtures that start one."""

import http.client
import ssl

import pytest
from harness import DEADLINE, SANITIZED, Server, exchange
from tls_files import Certificate

V1_2, V1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
MANY = 100 if SANITIZED else 2000


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("tls"), "ours")


@pytest.fixture(scope="module")
def tls_server(ours):
    """Plain HTTP and TLS on one port."""
    with Server(*ours.options) as running:
        yield running


def tls_client(server, certificate, path="/ws", **options):
    return server.client(path, wrap=certificate.wrap(), **options)


def tls_member(server, certificate, room, user, **options):
    client = tls_client(server, certificate, f"/ws?user={user}", **options)
    client.send({"type": "join", "room": room})
    client.until("joined", room=room)
    return client


def https(server, certificate, method, path, body=None, headers=None, key=None):
    connection = http.client.HTTPSConnection(
        "127.0.0.1", server.port, timeout=DEADLINE, context=certificate.context()
    )
    try:
        return exchange(connection, method, path, body, headers, key)
    finally:
        connection.close()
