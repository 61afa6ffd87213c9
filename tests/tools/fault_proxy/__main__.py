"""python3 tests/tools/fault_proxy --target 8081: prints its ports as one line of JSON, and runs."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fault_proxy.control import serve  # noqa: E402
from fault_proxy.proxy import Proxy  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(
        prog="fault_proxy", description="A TCP proxy that does to connections what networks do. Its "
        "README.md has the commands for the control port.")
    parser.add_argument("--target", required=True, metavar="[HOST:]PORT", help="where it leads to")
    parser.add_argument("--host", default="127.0.0.1", help="its own address (127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="its own port (any)")
    parser.add_argument("--control", type=int, default=0, metavar="PORT",
                        help="where it takes commands (any)")
    parser.add_argument("--receive-buffer", type=int, metavar="BYTES",
                        help="what the kernel takes from the server for each connection")
    return parser.parse_args()


async def run(options):
    host, _, port = options.target.rpartition(":")
    proxy = Proxy(int(port), host or "127.0.0.1", options.host, options.port, options.receive_buffer)
    await proxy.start()
    control = await serve(proxy, options.host, options.control)
    print(json.dumps({"port": proxy.port, "control": control}), flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    try:
        asyncio.run(run(arguments()))
    except OSError as why:
        sys.exit(f"fault_proxy: {why}")
