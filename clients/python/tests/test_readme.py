"""The listings of the README do what it says."""

import asyncio
import re
import subprocess
import sys

from conftest import ROOT
from harness import API_KEY

README = ROOT / "clients/python/README.md"
LISTINGS = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
NAMES = {}
exec("from troupe_client import *\nfrom troupe_client import Gap, StopError, connect", NAMES)


def listing(part, server):
    (found,) = [each for each in LISTINGS if part in each]
    assert "127.0.0.1:8081" in found
    return found.replace("127.0.0.1:8081", f"127.0.0.1:{server.port}").replace("an-example-of-a-key", API_KEY)


async def run(program):
    """A listing that defines `main`."""
    names = dict(NAMES)
    exec(program, names)
    await names["main"]()


def test_live_in_five_lines(server):
    program = listing('print(message.user, "says"', server)
    running = subprocess.Popen(
        [sys.executable, "-u", "-c", program], cwd=ROOT / "clients/python", stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout.readline() == "Ada says Hello!\n"
        server.api("/api/v1/rooms/lobby/message", {"message": "Hello, Ada"})
        assert running.stdout.readline() == "server says Hello, Ada\n"
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


async def test_rooms_and_topics(server, capsys):
    await run(listing("prices.>", server))
    assert capsys.readouterr().out == "order_created {'id': 7} True\nprices.eu.apples\n"


async def test_callbacks(server, capsys):
    await run(listing("client.on_state", server))
    out = capsys.readouterr().out
    assert "open None" in out
    assert "['Anonymous']" in out
    assert "{'any': ['JSON', 1, None]}] False" in out
    assert "went wrong" not in out


def test_the_back_end(server, capsys):
    exec(listing("import Api", server), {})
    assert capsys.readouterr().out.startswith("The show starts at eight\n['lobby']")


async def test_gaps(server):
    """The loop of the README is slow, is told, and goes on."""
    (program,) = [each for each in LISTINGS if "isinstance(order, Gap)" in each]
    told, go_on = [], asyncio.Event()

    async def load_all_orders():
        told.append("everything")

    async def show(order):
        told.append(order)
        await go_on.wait()
        if order == "last":
            watching.cancel()

    names = {**NAMES, "load_all_orders": load_all_orders, "show": show}
    exec(program, names)
    async with NAMES["connect"](server.url()) as client:
        watching = asyncio.ensure_future(names["watch"](client))
        await asyncio.sleep(0)
        async with client.topic("orders.new") as beside:  # returns when both are in
            for number in range(600):
                await beside.publish(number)
            await beside.publish("last")
        go_on.set()
        await asyncio.wait({watching})
    assert told[:2] == [0, "everything"]
    assert told[2:] == [*range(101, 600), "last"]


def test_the_rest_is_python():
    for each in LISTINGS:
        compile(each, "README.md", "exec")
