"""Commands over a TCP port: a JSON object a line, and a JSON object a line as the answer."""

import asyncio
import json
import socket

from .proxy import Wrong


async def answer_to(line, proxy):
    try:
        command = json.loads(line)
        if not isinstance(command, dict):
            raise Wrong("not a JSON object")
        return {"ok": True, **await proxy.do(command)}
    except (ValueError, Wrong, OSError) as why:
        return {"ok": False, "error": str(why)}


async def serve(proxy, host, port):
    """Returns the port."""

    async def talk(reader, writer):
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await answer_to(line, proxy)).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, host, port)
    return server.sockets[0].getsockname()[1]


class Control:
    """The other side of it."""

    def __init__(self, port, host="127.0.0.1", deadline=20.0):
        self._socket = socket.create_connection((host, port), deadline)
        self._lines = self._socket.makefile("rb")

    def do(self, command):
        self._socket.sendall(json.dumps(command).encode() + b"\n")
        line = self._lines.readline()
        if not line:
            raise ConnectionError("the proxy has gone")
        answer = json.loads(line)
        if not answer.pop("ok"):
            raise Wrong(answer["error"])
        return answer

    def close(self):
        self._lines.close()
        self._socket.close()
