"""The servers that are compared: one entry each says how to get it, start it and talk to it.

To add one, append a Peer to PEERS. Its `prepare` returns the command that serves on a given port of
127.0.0.1 in the foreground; `path` and `flags` tell the load generator how to talk to it.
"""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from . import install
from .install import PEERS as SOURCES
from .install import Unavailable


@dataclass
class Setting:
    """Where things are and which port to serve on."""

    build: Path  # bin/ of the project's own build
    cache: Path | None  # where peers from elsewhere are kept
    port: int
    work: Path  # a folder of this run, for configuration files


@dataclass
class Peer:
    name: str
    title: str
    prepare: Callable[[Setting], list]
    flags: list | Callable[[str], list] = field(default_factory=list)  # generator's
    path: str = "/chat/{room}"
    paths: dict = field(default_factory=dict)  # by mode, where it is not `path`
    version: Callable[[Setting], str] = lambda setting: ""
    cases: set | None = None  # only these, where others make no sense
    environment: Callable[[Setting], dict] = lambda setting: {}
    smoke: bool = False
    note: str = ""

    def speak(self, mode: str, port: int) -> list:
        """The load generator's flags for talking to this server."""
        url = f"ws://127.0.0.1:{port}{self.paths.get(mode, self.path)}"
        flags = self.flags(mode) if callable(self.flags) else list(self.flags)
        if mode in ("idle", "connect"):
            flags = without(flags, "--publish", "--overhead")
        return ["--url", url, *flags]


def without(flags: list, *names: str) -> list:
    """The flags less those named and their values."""
    kept = []
    skip = False
    for flag in flags:
        if not skip and flag not in names:
            kept.append(flag)
        skip = not skip and flag in names
    return kept


def built(name: str, *arguments: str):
    def prepare(setting: Setting) -> list:
        program = setting.build / "bin" / name
        if not program.exists():
            raise Unavailable(f"{program} is not built")
        return [str(program), *arguments, "--port", str(setting.port)]

    return prepare


def troupe(setting: Setting) -> list:
    program = setting.build / "bin" / "troupe"
    if not program.exists():
        raise Unavailable(f"{program} is not built")
    # The generator speaks for thousands with a few connections.
    return [str(program), "serve", "--port", str(setting.port), "--limits-messages-per-minute", "0"]


def nchan(setting: Setting) -> list:
    root = install.debian(setting.cache, "nginx", "libnginx-mod-nchan")
    config = setting.work / "nginx.conf"
    text = (SOURCES / "nchan.conf").read_text(encoding="utf-8")
    for place, value in {"MODULES": f"{root}/usr/lib/nginx/modules", "PORT": setting.port,
                         "WORK": setting.work}.items():
        text = text.replace(f"@{place}@", str(value))
    config.write_text(text, encoding="utf-8")
    return [f"{root}/usr/sbin/nginx", "-p", str(setting.work), "-e", f"{setting.work}/error.log",
            "-c", str(config)]


def nats(setting: Setting) -> list:
    root = install.debian(setting.cache, "nats-server")
    config = setting.work / "nats.conf"
    config.write_text(json.dumps({
        "listen": "127.0.0.1:-1", "max_connections": 100_000, "ping_interval": "10m",
        "websocket": {"host": "127.0.0.1", "port": setting.port, "no_tls": True}}),
        encoding="utf-8")
    return [f"{root}/usr/sbin/nats-server", "-c", str(config)]


def centrifuge(setting: Setting) -> list:
    return [str(install.go(setting.cache, "centrifuge")), str(setting.port)]


def node(script: str, package: str):
    def prepare(setting: Setting) -> list:
        install.npm(setting.cache, package)
        return ["node", str(SOURCES / script), str(setting.port)]

    return prepare


def node_modules(setting: Setting) -> dict:
    return {"NODE_PATH": str(setting.cache / "npm/node_modules"), "NODE_ENV": "production"}


def npm_version(package: str):
    def version(setting: Setting) -> str:
        manifest = setting.cache / "npm/node_modules" / package / "package.json"
        found = json.loads(manifest.read_text(encoding="utf-8"))["version"]
        return f"{found}, Node {install.version_of(['node', '--version'])}"

    return version


def fastapi(setting: Setting) -> list:
    interpreter = install.python(setting.cache, "fastapi", "uvicorn[standard]")
    return [str(interpreter), "-m", "uvicorn", "fastapi_server:app", "--host", "127.0.0.1",
            "--port", str(setting.port), "--log-level", "error", "--backlog", "4096",
            "--app-dir", str(SOURCES)]


def fastapi_version(setting: Setting) -> str:
    ask = ("from importlib.metadata import version as v;"
           "print(v('fastapi') + ', uvicorn ' + v('uvicorn'))")
    return install.version_of([str(setting.cache / "python/venv/bin/python"), "-c", ask])


def go_version(setting: Setting) -> str:
    text = (SOURCES / "centrifuge/go.mod").read_text(encoding="utf-8")
    found = re.search(r"centrifuge (v\S+)", text)
    return found.group(1) if found else ""


def first_number(text: str) -> str:
    found = re.search(r"\d+(\.\d+)+", text)
    return found.group(0) if found else ""


def nats_flags(mode: str) -> list:
    # NATS wants the length of a payload before it: 100 bytes in every case that it takes part in.
    room = "bench-00000" if mode == "rooms" else "bench"
    overhead = len(f"PUB {room} 100\r\n" + "\r\n")
    return ["--binary", "--hello", 'CONNECT {"verbose":false}\\r\\nSUB {room} 1\\r\\nPING\\r\\n',
            "--await", "PONG", "--ping", "PING", "--pong", "PONG\\r\\n",
            "--publish", "PUB {room} 100\\r\\n{time} {seq} {pad}\\r\\n",
            "--overhead", str(overhead)]


PEERS = [
    Peer("floor", "floor: one `send()` a message", built("troupe-floor"), smoke=True,
         note="Does nothing but accept, shake hands and send: what the kernel charges."),
    Peer("floor-16", "floor, 16 frames a `send()`", built("troupe-floor", "--batch", "16"),
         cases={"fanout-flat"},
         note="What coalescing can save; sends nothing until 16 frames wait."),
    Peer("troupe", "**Troupe**", troupe, paths={"fanout": "", "idle": "/ws", "connect": "/ws"},
         smoke=True, note="Fan-out through a topic; rooms parse, stamp and number each message."),
    Peer("beast", "Boost.Beast, bare", built("troupe-peer-beast"), smoke=True,
         version=lambda s: "1.81", note="A queue and one `async_write` at a time per connection."),
    Peer("nchan", "nginx + nchan", nchan, note="One worker process.",
         version=lambda s: first_number(install.version_of(
             [str(s.cache / "debian/root/usr/sbin/nginx"), "-v"]))),
    Peer("nats", "nats-server, WebSocket", nats, path="/",
         flags=nats_flags,
         version=lambda s: first_number(install.version_of(
             [str(s.cache / "debian/root/usr/sbin/nats-server"), "--version"])),
         note="Subjects; its own text protocol inside binary frames."),
    Peer("centrifuge", "Centrifuge (Go library)", centrifuge, path="/connection/websocket",
         flags=["--hello", '{"id":1,"connect":{}}',
                "--hello", '{"id":2,"subscribe":{"channel":"{room}"}}', "--await", '"id":2',
                "--ping", "{}", "--pong", "{}",
                "--publish", '{"id":3,"publish":{"channel":"{room}","data":"{time} {seq} {pad}"}}'],
         version=go_version, note="The library under Centrifugo; JSON protocol, memory broker."),
    Peer("socketio", "Socket.IO", node("socketio_server.js", "socket.io"),
         path="/socket.io/?EIO=4&transport=websocket&room={room}",
         flags=["--hello", "40", "--await", "40{", "--ping", "2", "--pong", "3",
                "--publish", '42["message","{time} {seq} {pad}"]'],
         environment=node_modules, version=npm_version("socket.io")),
    Peer("ws", "ws", node("ws_server.js", "ws"), environment=node_modules,
         version=npm_version("ws")),
    Peer("fastapi", "FastAPI + uvicorn", fastapi, version=fastapi_version,
         note="The guide's chat service: JSON parsed, user and time added, one `send_json` each."),
]
