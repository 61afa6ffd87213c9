"""The attackers: who they are, and what the server they attack has configured."""

from collections.abc import Callable
from dataclasses import dataclass

from . import prepare
from .attacker import Prepared


@dataclass(frozen=True)
class Attack:
    name: str
    title: str
    unit: str  # what its body is counted in; "": only dials
    prepare: Callable[[], Prepared]
    metrics_key: bool = False
    tls: bool = False
    smoke: bool = False


def attacks(colliding_names: Callable[[], list]) -> list:
    """All of them; the names are asked for only when they are needed."""
    return [
        Attack("subscribe", "subscribes to 128 new topics, leaves them, again", "rounds",
               prepare.subscribing, smoke=True),
        Attack("publish", "publishes to ever new topics", "frames", prepare.publishing),
        Attack("join", "joins ever new rooms, and leaves", "rounds", prepare.joining),
        Attack("dial", "dials `/chat/NEW`, hangs up", "", prepare.dialling),
        Attack("buckets", "22,000 topics in one bucket of a plain hash table", "frames",
               lambda: prepare.colliding(colliding_names())),
        Attack("api", "HTTP API, wrong key, pipelined", "requests", prepare.api_calls, smoke=True),
        Attack("token", "WebSocket handshakes, wrong token", "", prepare.bad_tokens),
        Attack("metrics-key", "`/metrics`, wrong key, pipelined", "requests", prepare.metrics_with_key,
               metrics_key=True),
        Attack("json-pong", 'frames `{"type":"pong"}`', "frames", prepare.json_pongs),
        Attack("burst", "the same, 1,000 a connection", "frames", prepare.json_pongs_in_bursts),
        Attack("pong", "WebSocket pongs", "frames", prepare.pongs, smoke=True),
        Attack("ping", "WebSocket pings", "frames", prepare.pings),
        Attack("metrics", "`/metrics`, pipelined, 1,000 sockets", "requests", prepare.metrics),
        Attack("healthz", "`/healthz`, pipelined, 1,000 sockets", "requests", prepare.health_checks),
        Attack("silence", "sockets that say nothing", "", prepare.silence),
        Attack("half-request", "half requests", "", prepare.half_requests),
        Attack("half-tls", "half TLS handshakes", "", prepare.half_tls, tls=True, smoke=True),
    ]
