"""The program troupe-crowd, and how it is told what to do."""

import json
import subprocess
from pathlib import Path

from attacking.processes import OTHERS, Failed, pin


class Crowd:
    """So many clients of one server. Use it with `with`."""

    def __init__(self, build: Path, port: int, clients: int):
        program = build / "bin/troupe-crowd"
        if not program.exists():
            raise Failed(f"{program} is not built")
        self.clients = clients
        self.process = subprocess.Popen(
            [program, "--port", str(port), "-n", str(clients)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, preexec_fn=lambda: pin(OTHERS))

    def do(self, what: str, **how) -> dict:
        """What has happened meanwhile. Raises Failed when it could not be done."""
        self.process.stdin.write(json.dumps({"do": what, **how}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failed("troupe-crowd has ended")
        answer = json.loads(line)
        if not answer["done"]:
            raise Failed(f"the crowd is not done with '{what}': {line.strip()}")
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
