"""The server that is measured, and what it tells of itself: by /proc, by its log, by /metrics."""

import http.client
import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .processes import SERVER, Failed, pin

TICKS = os.sysconf("SC_CLK_TCK")
BUCKET = r'^troupe_{}_bucket\{{le="([^"]+)"\}} (\d+)'
PLAIN = r'^troupe_(\w+)(?:\{\w+="([^"]*)"\})? (\d+)$'


def split_arguments(given: list) -> tuple:
    """(a program's own, the server's: those behind `--`)."""
    at = given.index("--") if "--" in given else len(given)
    return given[:at], given[at + 1:]


def cpu_seconds(pid: int) -> tuple:
    """(user, system) of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return int(fields[11]) / TICKS, int(fields[12]) / TICKS


def thread_seconds(pid: int) -> float:
    """CPU time of all its threads so far, to the nanosecond."""
    each = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(one.read_text(encoding="ascii").split()[0]) for one in each) / 1e9


def make_certificate(folder: Path) -> list:
    """The server's options for it."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    return ["--tls-certificate-file", str(certificate), "--tls-key-file", str(key)]


@dataclass(frozen=True)
class Sample:
    """At one moment. Histograms are {upper end in seconds: how many so far were not longer}; counters
    are by name, or NAME:LABEL, and are not those of histograms."""

    when: float
    cpu: float
    exact_cpu: float
    rss_kib: int
    rss_peak_kib: int
    log_bytes: int
    latency: dict
    turns: dict
    counters: dict


class Server:
    """`troupe serve` with the defaults, an API key and a token secret; use it with `with`."""

    def __init__(self, build: Path, tls: bool, metrics_key: bool, more: list):
        self.folder = Path(tempfile.mkdtemp(prefix="troupe-attacks-"))
        self.metrics_key = secrets.token_hex(16) if metrics_key else ""
        self.api_key = secrets.token_hex(16)
        command = [build / "bin/troupe", "serve", "--port", "0", "--host", "127.0.0.1",
                   "--server-loops", "1", *more]
        if tls:
            command += make_certificate(self.folder)
        variables = {name: value for name, value in os.environ.items()
                     if not name.startswith("TROUPE_")}
        variables |= {"TROUPE_API_KEYS": self.api_key,
                      "TROUPE_AUTH_SECRET": secrets.token_hex(32)}
        if metrics_key:
            variables["TROUPE_METRICS_KEY"] = self.metrics_key
        self.log = self.folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=log,
                                            text=True, preexec_fn=lambda: pin(SERVER))
        self.port = 0
        self._api = None

    def __enter__(self):
        found = re.search(r":(\d+)/", self.process.stdout.readline())
        if not found:
            log = self.log.read_text(errors="replace").strip()
            self.__exit__()
            raise Failed(f"the server did not start: {log}")
        self.port = int(found[1])
        return self

    def __exit__(self, *_):
        if self._api:
            self._api.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def forget_peak(self):
        """The highest memory counts from now on."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")

    def sample(self) -> Sample:
        try:
            when, cpu = time.monotonic(), sum(cpu_seconds(self.process.pid))
            exact_cpu = thread_seconds(self.process.pid)
            page = self._metrics()
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
            rss, peak = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("VmRSS", "VmHWM"))
            return Sample(when, cpu, exact_cpu, rss, peak, self.log.stat().st_size,
                          histogram(page, "delivery_latency_seconds"),
                          histogram(page, "turn_seconds"), counters(page))
        except (OSError, TypeError, http.client.HTTPException) as why:
            raise Failed(f"the server has ended, or does not answer: {why}") from None

    def when_quiet(self) -> Sample:
        """As soon as it has finished what it is busy with; in five seconds at the latest."""
        before = thread_seconds(self.process.pid)
        for _ in range(50):
            time.sleep(0.1)  # looks again; nothing tells
            now = thread_seconds(self.process.pid)
            if now - before < 0.002:
                break
            before = now
        return self.sample()

    def post(self, path: str, body: dict) -> dict:
        """One call of the server-side API, on a connection that is kept."""
        if not self._api:
            self._api = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self._api.request("POST", path, json.dumps(body),
                          {"Authorization": f"Bearer {self.api_key}",
                           "Content-Type": "application/json"})
        answer = self._api.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise Failed(f"{path} answers {answer.status}: {text.decode()}")
        return json.loads(text)

    def _metrics(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.metrics_key}"} if self.metrics_key else {}
        connection.request("GET", "/metrics", headers=headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        if answer.status != 200:
            raise Failed(f"/metrics answers {answer.status}: {page}")
        return page


def histogram(page: str, name: str) -> dict:
    return {float(end): int(count)
            for end, count in re.findall(BUCKET.format(name), page, re.MULTILINE)}


def counters(page: str) -> dict:
    return {f"{name}:{label}" if label else name: int(value)
            for name, label, value in re.findall(PLAIN, page, re.MULTILINE)
            if not name.endswith("_bucket")}


def between(before: dict, after: dict) -> list:
    """[(upper end of a bucket, how many it got meanwhile)], shortest first."""
    found, below = [], 0
    for end in sorted(after):
        so_far = after[end] - before.get(end, 0)
        found.append((end, so_far - below))
        below = so_far
    return found


def quantile(buckets: list, share: float):
    """Upper end of the bucket that it is in; None: there was nothing."""
    wanted, seen = share * sum(count for _, count in buckets), 0
    for end, count in buckets:
        seen += count
        if count and seen >= wanted:
            return end
    return None


def longest(buckets: list):
    return max((end for end, count in buckets if count), default=None)
