#!/usr/bin/env python3
"""The documents say what is so: links, tables, keys, names, listings. Standard library only.

    docs_test.py            checks the documents; with TROUPE_BIN set also runs the README's listings,
                            and has the configurations of docs/nats.md checked
    docs_test.py --self-test  breaks every rule in a copy of the documents and expects to be told
"""

import importlib.util
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from pathlib import Path

from docs_descriptions import check_descriptions

ROOT = Path(__file__).resolve().parent.parent
DEADLINE = 20.0

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
CONFIG_KEY = re.compile(r"\b(server|limits|api|auth|tls|proxy|deflate|metrics|nats|log)\.([a-z_]+)\b(?!\()")
VARIABLE = re.compile(r"\bTROUPE_(SERVER|LIMITS|API|AUTH|TLS|PROXY|DEFLATE|METRICS|NATS|LOG)_([A-Z_]+)\b")
FLAG = re.compile(r"--(server|limits|api|auth|tls|proxy|deflate|metrics|nats|log)-([a-z-]+)\b")
SOURCE_PATH = re.compile(r"^(?:libactors|server|clients|tests|bench|docs|scripts|cmake)/[\w./-]*\w/?$")
QUALIFIED = re.compile(r"^(\w+)::(\w+)$")
METRIC = re.compile(r"\btroupe_([a-z_]+[a-z])\b")
FOREIGN_NAMESPACES = {"caf", "std", "boost", "beast", "websocket", "nlohmann"}

# How the project is made, and where, is no part of what it says.
FORBIDDEN = [
    re.compile(r"(?<![\w.])/(?:work|tmp|root|home)/", re.IGNORECASE),
    re.compile(r"\bissues? #?\d", re.IGNORECASE),
    re.compile(r"(?<![\w&/])#\d+\b"),
    re.compile(r"\bsessions? \d", re.IGNORECASE),
    re.compile(r"\b(?:TODO|FIXME|XXX)\b"),
]


def documents(root):
    yield root / "README.md"
    yield root / "CHANGELOG.md"
    for folder in ("docs", "tests", "bench", "clients"):
        for path in sorted((root / folder).rglob("*.md")):
            if "node_modules" not in path.parts:
                yield path


def prose(text):
    """The text with its listings blanked out, line numbers kept."""
    return FENCED.sub(lambda block: "\n" * block.group(0).count("\n"), text)


def places(pattern, text):
    for found in pattern.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found


def anchors(path):
    """The anchors that GitHub makes of a document's headings."""
    for heading in re.findall(r"^#+ (.+)$", prose(path.read_text()), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def check_links(root):
    for path in documents(root):
        for line, found in places(LINK, prose(path.read_text())):
            target, _, anchor = found.group(1).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            to = (path.parent / target).resolve() if target else path
            if not to.exists():
                yield f"{path.relative_to(root)}:{line}: no such file: {target}"
            elif anchor and to.suffix == ".md" and anchor not in anchors(to):
                yield f"{path.relative_to(root)}:{line}: no such heading: {found.group(1)}"


def table_rows(text, columns):
    """The rows of the table whose heading has these words, cell by cell."""
    lines = iter(text.splitlines())
    for line in lines:
        cells = [cell.strip(" `") for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[: len(columns)] == columns:
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    return
                yield [cell.strip(" `") for cell in row.strip("|").split("|")]


def check_error_tables(root):
    source = re.sub(r"^#.*$|//.*$", "", (root / "libactors/troupe/wire/errors.def").read_text(), flags=re.M)
    text = (root / "docs/protocol.md").read_text()
    errors = re.findall(r'TROUPE_ERROR\((\w+),\s*"([^"]*)",\s*(\d+)\)', source)
    told = [tuple(row[:3]) for row in table_rows(text, ["code", "default `message", "HTTP status"])]
    closes = [
        (code, reason, "yes" if reconnect == "true" else "no")
        for code, reason, reconnect in re.findall(
            r'TROUPE_CLOSE\(\w+,\s*(\d+),\s*"([^"]*)",\s*(true|false)\)', source
        )
    ]
    told_closes = [tuple(row[:3]) for row in table_rows(text, ["code", "reason", "reconnect?"])]
    for name, true, written in (("error", errors, told), ("close code", closes, told_closes)):
        if not true:
            yield f"libactors/troupe/wire/errors.def: no {name}s found"
        for row in true:
            if row not in written:
                yield f"docs/protocol.md: {name} {row} is missing or told otherwise"
        for row in written:
            if row not in true:
                yield f"docs/protocol.md: {name} {row} is not in errors.def"
        if len(set(written)) != len(written):
            yield f"docs/protocol.md: a {name} is told twice"


def check_reserved_events(root):
    source = (root / "libactors/troupe/wire/names.cpp").read_text()
    lists = dict(re.findall(r"> (of_\w+)\{(.*?)\};", source, re.DOTALL))
    words = {name: set(re.findall(r'"(\w+)"', listed)) for name, listed in lists.items()}
    frames = (root / "libactors/troupe/wire/server_events.def").read_text()
    own = set(re.findall(r'^TROUPE_EVENT\(\w+, "(\w+)"\)', frames, re.MULTILINE))
    true = (own | words["of_rooms"] | words["of_later"]) - words["of_services"]
    text = (root / "docs/protocol.md").read_text()
    told = re.search(r"server's own and refused: (.*?)\.\s", text, re.DOTALL).group(1)
    for name in sorted(true ^ set(CODE.findall(told))):
        yield f"docs/protocol.md: reserved events and names.cpp differ in {name}"


def check_config(root):
    with (root / "docs/troupe.example.toml").open("rb") as file:
        example = tomllib.load(file)
    text = (root / "docs/protocol.md").read_text()
    limits = list(table_rows(text, ["key", "default", "beyond it"]))
    if not limits:
        yield "docs/protocol.md: no table of limits found"
    for key, default, *_ in limits:
        section, _, name = key.partition(".")
        if str(example.get(section, {}).get(name)) != default:
            yield f"docs/protocol.md: {key} is {example.get(section, {}).get(name)}, not {default}"
    for path in documents(root):
        text = path.read_text()
        mentioned = [
            (line, found.group(0), found.group(1).lower(), found.group(2).lower().replace("-", "_"))
            for pattern in (VARIABLE, FLAG)
            for line, found in places(pattern, text)
        ]
        for line, code in places(CODE, prose(text)):
            if "/" in code.group(1):
                continue
            mentioned += [(line, m.group(0), *m.groups()) for m in CONFIG_KEY.finditer(code.group(1))]
        for line, written, section, name in mentioned:
            if name not in example[section] and name not in ("c", "hpp", "cpp", "toml", "md", "example"):
                yield f"{path.relative_to(root)}:{line}: no such key: {written}"


def check_code_names(root):
    """Files and functions that the documents name are there."""
    sources = [
        path.read_text()
        for folder in ("libactors", "server", "clients")
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in {".hpp", ".cpp", ".def"}
    ]
    words = set(re.findall(r"\w+", "\n".join(sources)))
    for path in documents(root):
        for line, found in places(CODE, prose(path.read_text())):
            code = found.group(1)
            if SOURCE_PATH.match(code) and not (root / code).exists():
                # A walk-through may name a file that its reader is to write.
                if path.name != "extending.md":
                    yield f"{path.relative_to(root)}:{line}: no such file: {code}"
            name = QUALIFIED.match(code.partition("(")[0])
            if name and name.group(1) not in FOREIGN_NAMESPACES and not words.issuperset(name.groups()):
                yield f"{path.relative_to(root)}:{line}: not in the code: {code}"


def check_metrics(root):
    source = (root / "server/net/metrics_collector.cpp").read_text()
    for path in documents(root):
        for line, found in places(METRIC, path.read_text()):
            name = re.sub("_(bucket|sum|count)$", "", found.group(1))
            if f'"{name}"' not in source:
                yield f"{path.relative_to(root)}:{line}: no such metric: {found.group(0)}"


def check_listing(root):
    listing = (root / "docs/examples/dice.cpp").read_text()
    blocks = [text for _, text in FENCED.findall((root / "docs/extending.md").read_text())]
    if listing not in blocks:
        yield "docs/extending.md: its listing is not docs/examples/dice.cpp, to the letter"


def check_proxy_block(root):
    """What a reader copies for nginx lets nobody in where it should not, and logs no token."""
    for kind, text in FENCED.findall((root / "docs/configuration.md").read_text()):
        if kind != "nginx":
            continue
        for path in ("/api/", "/metrics"):
            if not re.search(rf"location (?:= )?{path} +{{ return 404; }}", text):
                yield f"docs/configuration.md: the nginx block leaves {path} open"
        logged = re.findall(r"log_format (\w+) '(.*)';", text)
        for name, variables in logged:
            if re.search(r"\$(?:request(?:_uri)?|args|query_string|arg_\w+|http_referer)\b", variables):
                yield "docs/configuration.md: the nginx block logs queries, which hold tokens"
        if not any(re.search(rf"access_log \S+ {name};", text) for name, _ in logged):
            yield "docs/configuration.md: the nginx block has no log format of its own: nginx's logs queries"
        if not re.search(r"error_log \S+ (?:crit|alert|emerg);", text):
            yield "docs/configuration.md: the nginx block's error log would have whole requests"


def check_words(root):
    for path in documents(root):
        for pattern in FORBIDDEN:
            for line, found in places(pattern, path.read_text()):
                yield f"{path.relative_to(root)}:{line}: not for a reader: {found.group(0)!r}"


def check_changelog(root):
    """Of two versions of one item, a merge leaves both: the first is often broken off."""
    items = {}
    for line, found in places(re.compile(r"^- .{40}", re.MULTILINE), (root / "CHANGELOG.md").read_text()):
        if found.group(0) in items:
            yield f"CHANGELOG.md:{line}: begins as line {items[found.group(0)]} does"
        items[found.group(0)] = line


CHECKS = [
    check_links,
    check_error_tables,
    check_reserved_events,
    check_config,
    check_code_names,
    check_metrics,
    check_listing,
    check_proxy_block,
    check_words,
    check_changelog,
    check_descriptions,
]


# -- the README's listings, run ---------------------------------------------------------------------


class Process:
    """A child whose lines can be waited for; killed when the `with` block ends."""

    def __init__(self, *command, errors=subprocess.STDOUT):
        self.lines = queue.Queue()
        self.seen = []
        self.child = subprocess.Popen(
            list(map(str, command)),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def wait_for(self, pattern):
        give_up_at = time.monotonic() + DEADLINE
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, give_up_at - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"no line like {pattern!r} but {self.seen}")
            self.seen.append(line)
            if found := re.search(pattern, line):
                return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def environment():
    """This process's, without what would reach the server by accident, or lead past it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TROUPE_") and not name.lower().endswith("_proxy")
    }
    return {**kept, "no_proxy": "127.0.0.1"}


def python_with_websockets():
    if importlib.util.find_spec("websockets"):
        return sys.executable
    venv = ROOT / "build/venv/bin/python"
    return venv if venv.exists() else None


def run_listings(binary):
    readme = (ROOT / "README.md").read_text()
    blocks = FENCED.findall(readme)
    listing = next(text for language, text in blocks if language == "python")
    calls = next(text for language, text in blocks if language == "sh" and "curl" in text)
    options = re.search(r"^scripts/run (--api-keys \S+)$", readme, re.MULTILINE).group(1).split()
    python = python_with_websockets()
    if python is None:
        raise AssertionError("no Python with `websockets`: make build/venv, as scripts/test does")
    with Process(binary, "serve", "--port", 0, *options) as server:
        port = server.wait_for(r"http://127\.0\.0\.1:(\d+)/").group(1)
        here = [text.replace("127.0.0.1:8081", f"127.0.0.1:{port}") for text in (listing, calls)]
        with Process(python, "-u", "-c", here[0]) as client:
            client.wait_for(r"^Ben says Hello!$")
            answer = subprocess.run(
                ["bash", "-euc", here[1].replace("curl ", "curl -sS --fail-with-body -m 20 ")],
                env=environment(),
                capture_output=True,
                text=True,
                timeout=3 * DEADLINE,
            )
            if answer.returncode != 0:
                raise AssertionError(f"the README's curl calls: {answer.stdout}{answer.stderr}")
            said, published, announced = map(json.loads, answer.stdout.splitlines())
            assert said["offset"] == 2, said
            assert published["offset"] == 1, published
            assert announced == {}, announced
            client.wait_for(r"^server says The show starts at eight$")


def check_configurations(binary):
    for language, text in FENCED.findall((ROOT / "docs/nats.md").read_text()):
        if language != "toml":
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text)
            file.flush()
            checked = subprocess.run(
                [binary, "check", file.name], env=environment(), capture_output=True, text=True
            )
        if checked.returncode != 0:
            yield f"docs/nats.md: {text.splitlines()[0]} ...: {checked.stdout}{checked.stderr}"


# -- can each check fail? ----------------------------------------------------------------------------

# What is replaced by what, and what the one complaint must say.
BREAKS = [
    ("README.md", "(docs/protocol.md)", "(docs/protocoll.md)", "no such file: docs/protocoll.md"),
    ("README.md", "operations.md#metrics", "operations.md#nowhere", "no such heading"),
    ("docs/protocol.md", "| Consumer too slow | yes |", "| Consumer too slow | no |", "4409"),
    ("docs/protocol.md", "| Not in that room | 409 |", "| Not in that room | 404 |", "not_in_room"),
    ("docs/protocol.md", "| 1011 | Internal error | yes | not sent yet |\n", "", "1011"),
    ("docs/protocol.md", "`rpc_result`, `gap`", "`rpc_result`", "gap"),
    ("docs/protocol.md", "| `limits.bad_frames` | 10 |", "| `limits.bad_frames` | 11 |", "not 11"),
    ("docs/configuration.md", "`server.host`", "`server.hosts`", "no such key: server.hosts"),
    ("docs/configuration.md", "`TROUPE_API_KEYS`", "`TROUPE_API_KEY`", "no such key: TROUPE_API_KEY"),
    ("docs/configuration.md", "`--server-port`", "`--server-prot`", "no such key: --server-prot"),
    ("docs/configuration.md", "location = /metrics {", "location = /metric {", "leaves /metrics open"),
    ("docs/configuration.md", '"$request_method $uri"', '"$request"', "logs queries"),
    ("docs/configuration.md", "troupe.log troupe;", "troupe.log;", "no log format of its own"),
    ("docs/configuration.md", "error.log crit;", "error.log;", "would have whole requests"),
    ("docs/operations.md", "expr: troupe_nats_connected", "expr: troupe_nats_up", "troupe_nats_up"),
    ("docs/life-of-a-message.md", "`room::on_say`", "`room::on_sai`", "not in the code: room::on_sai"),
    ("docs/life-of-a-message.md", "`libactors/troupe/delivery/outbox.cpp`", "`libactors/troupe/outbox.cc`", "no such file"),
    ("docs/extending.md", "sides_max = 100", "sides_max = 1000", "to the letter"),
    ("docs/protocol.md", '| `{"type":"gap"', '| `{"type":"hole"', "the frame gap"),
    ("docs/protocol.md", '| `{"type":"leave"', '| `{"type":"go"', "the request leave"),
    ("docs/protocol.md", "`published` |\n", "`said` |\n", "published answers publish"),
    ("docs/protocol.md", "| `jti`, `seconds` |", "| `jti` |", "of deny_token the field seconds"),
    ("docs/protocol.md", "| `stats` | |", "| `figures` | |", "the command stats"),
    ("docs/protocol.md", "`POST /api/v1/drain`", "`POST /api/v1/end`", "the call POST /api/v1/drain"),
    ("docs/protocol.md", "| 417 |", "| 418 |", "the status 417"),
    ("docs/topics.md", "&inbox_offset=42", "", "the parameter inbox_offset"),
    ("server/net/credentials.cpp", "ws_parameter::session", '"session"', "the parameter session"),
    ("docs/asyncapi.json", '"const": "joined"', '"const": "entered"', "the frame joined"),
    ("CHANGELOG.md", "- A demo page", "- Namespaces: `[[namespace]]` says who may subscribe\n- A demo", "begins as line"),
    ("CHANGELOG.md", "A demo page", "As issue 7 asks: a demo page", "not for a reader"),
    ("docs/operations.md", "/etc/troupe.env", "/home/me/troupe.env", "not for a reader"),
]


def all_complaints(root):
    return [complaint for check in CHECKS for complaint in check(root)]


def self_test():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "copy"
        shutil.copytree(
            ROOT, root, ignore=shutil.ignore_patterns("build", ".git", "node_modules", "dist", ".cache", "corpus")
        )
        before = all_complaints(root)
        for name, old, new, complaint in BREAKS:
            path = root / name
            text = path.read_text()
            if old not in text:
                wrong.append(f"{name}: {old!r} is not there to be broken")
                continue
            path.write_text(text.replace(old, new, 1))
            found = [told for told in all_complaints(root) if told not in before]
            if not any(complaint in told for told in found):
                wrong.append(f"{name} with {new!r}: expected {complaint!r}, got {found}")
            path.write_text(text)
    for line in wrong:
        print(line)
    print(f"{len(BREAKS)} breaks tried, {len(wrong)} wrong")
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    complaints = all_complaints(ROOT)
    binary = os.environ.get("TROUPE_BIN")
    if binary:
        try:
            run_listings(binary)
        except (AssertionError, subprocess.TimeoutExpired) as failure:
            complaints.append(f"README.md: {failure}")
        complaints += check_configurations(binary)
    else:
        print("TROUPE_BIN is not set: the listings are not run")
    for complaint in complaints:
        print("error:", complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
