"""What the tests of the edge have in common: raw sockets, and handshakes that are refused."""

import socket
import time

from harness import DEADLINE, Closed, RawClient

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def dial(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE)


def read_all(connection):
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def refused_socket(port, path="/ws", headers=()):
    """Everything that comes over a WebSocket that is not to be: the close frame, nothing else."""
    with RawClient(port, path, headers=headers) as client:
        closed, messages = client.read_to_close()
        client.wait_for_end()
        assert messages == []
        return closed.code, closed.reason


def retry(action):
    """Until the server has noticed that somebody has gone, or has been silent for long."""
    give_up_at = time.monotonic() + DEADLINE
    while True:
        try:
            return action()
        except (AssertionError, Closed, ConnectionError):
            if time.monotonic() > give_up_at:
                raise
