"""Which clients there are, and how the adapter of each is started. A new client is a line here."""

import os
import shlex
import sys
from pathlib import Path

from harness import SOURCE_DIR

BUILD = Path(os.environ.get("TROUPE_BUILD_DIR", SOURCE_DIR / "build/release"))
NODE = os.environ.get("TROUPE_NODE22", str(SOURCE_DIR / "clients/js/node_modules/.bin/node"))

# name: (the file that must be there, the command, what it needs in its environment)
ADAPTERS = {
    "js": (SOURCE_DIR / "clients/js/dist/troupe.js",
           [NODE, "--expose-gc", str(SOURCE_DIR / "clients/js/adapter.mjs")], {}),
    "python": (SOURCE_DIR / "clients/python/tests/adapter.py",
               [sys.executable, str(SOURCE_DIR / "clients/python/tests/adapter.py")], {}),
    "cpp": (BUILD / "bin/troupe-client-adapter", [str(BUILD / "bin/troupe-client-adapter")], {}),
}
# What a client cannot see, it need not obey: a browser's WebSocket tells nothing of a failed handshake.
SEES_STATUS = {"js": False, "python": True, "cpp": True}


def wanted():
    """Those that are to be tested: TROUPE_CLIENTS leaves some out."""
    named = os.environ.get("TROUPE_CLIENTS", "js,python,cpp")
    return [each for each in named.replace(";", ",").split(",") if each]


def command_of(name):
    """(command, environment); raises where the client is wanted and was not built."""
    given = os.environ.get(f"TROUPE_ADAPTER_{name.upper()}")
    if given:
        return shlex.split(given), {}
    file, command, environment = ADAPTERS[name]
    assert file.exists(), f"the {name} client is not built ({file}), and TROUPE_CLIENTS does not leave it out"
    return command, environment


def client_module():
    """The JavaScript client as programs import it."""
    return Path(os.environ.get("TROUPE_CLIENT_JS", ADAPTERS["js"][0])).resolve()
