"""A server that only takes connections, reads, and throws away; WebSocket handshakes it answers. What
it costs is what the kernel charges for being sent so much."""

import select
import socket

from .websocket import ACCEPT

ANSWER = (f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          f"Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n").encode()
UPGRADE = b"\r\nUpgrade: websocket\r\n"
BUFFER = 65_536


def run(pipe):
    """Says its port, and goes on until it is ended."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setblocking(False)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    pipe.send(listener.getsockname()[1])
    clients = {}
    fresh = set()
    buffer = bytearray(BUFFER)
    while True:
        for fd, _ in poll.poll():
            if fd == listener.fileno():
                accept_all(listener, poll, clients, fresh)
            else:
                take(clients, fresh, fd, buffer)


def accept_all(listener, poll, clients: dict, fresh: set):
    while True:
        try:
            client, _ = listener.accept()
        except BlockingIOError:
            return
        client.setblocking(False)
        clients[client.fileno()] = client
        fresh.add(client.fileno())
        poll.register(client, select.EPOLLIN)


def take(clients: dict, fresh: set, fd: int, buffer: bytearray):
    client = clients[fd]
    try:
        count = client.recv_into(buffer)
        if count and fd in fresh:
            fresh.discard(fd)
            if UPGRADE in buffer[:count]:
                client.send(ANSWER)
    except BlockingIOError:
        return
    except OSError:
        count = 0
    if count == 0:
        fresh.discard(fd)
        clients.pop(fd).close()
