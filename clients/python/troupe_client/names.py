"""Names of rooms and topics. A bad one is refused here: on the wire it would refuse those that travel with it."""

import re

from .audience import Kind
from .errors import TroupeError

BYTES_MAX = 128
PART = re.compile(r"[A-Za-z0-9_\-:@/]+")


def check(kind: Kind, name: str) -> None:
    """Raises `invalid_name`."""
    if not isinstance(name, str):
        raise TroupeError("invalid_name", f"a {kind} has a text as its name: {name!r}")
    parts = name.split(".")
    if kind == "pattern":
        last = len(parts) - 1
        parts = [part for at, part in enumerate(parts) if part != "*" and not (part == ">" and at == last)]
    if len(name) > BYTES_MAX or not all(PART.fullmatch(part) for part in parts):
        raise TroupeError("invalid_name", f"no name of a {kind}: {name!r}")


def matches(pattern: str, topic: str) -> bool:
    """`*` is one part, `>` at the end one or more."""
    wanted, parts = pattern.split("."), topic.split(".")
    if wanted[-1] == ">":
        wanted = wanted[:-1]
        if len(parts) <= len(wanted):
            return False
        parts = parts[: len(wanted)]
    return len(wanted) == len(parts) and all(want in ("*", part) for want, part in zip(wanted, parts, strict=True))
