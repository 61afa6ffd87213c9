#!/usr/bin/env python3
"""Which part of the tree may include which, that files stay small, and which words stay away.

    architecture_test.py [ROOT]       checks the tree; exit code 1 and one line per breach
    architecture_test.py --self-test  breaks every rule in a tree of its own and expects to be told

The reasons are in docs/design/0015-ranks-events-and-words.md.
"""

import re
import sys
from collections import deque
from pathlib import Path

SOURCES = {".hpp", ".cpp", ".def", ".h", ".ipp"}
SOURCE_PARTS = ("libactors", "server", "clients", "bench", "tests", "docs")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
STANDARD = re.compile(r"[a-z_0-9]+")  # <vector>, <cstdint>: no folder and no suffix

# Folder → what its files may include, by the beginning of the path; "std" is the standard library.
# The longest folder that fits a file decides.
MAY_INCLUDE = {
    # sys/uio.h: the outbox hands its frames over as an array of iovec.
    # arpa/inet.h: addresses as text.
    # tl/expected.hpp: what `result` is until C++23.
    "libactors": ("troupe/", "caf/", "tl/", "std", "sys/uio.h", "arpa/inet.h"),
    "server/rooms": ("troupe/", "server/rooms/", "nlohmann/", "std"),
    # time.h: a clock that goes on while the machine sleeps.
    "clients/cpp/troupe_client": ("troupe_client/", "boost/", "nlohmann/", "std", "time.h"),
}

# Folder → what its files must not include, directly or through another file; anything else is fine.
# Configuration is read in one place and handed down as plain structs, so only the root knows it.
MUST_NOT_INCLUDE = {
    "server/net": ("server/rooms/", "server/bridges/", "server/config/"),
    "server/auth": ("server/config/", "server/cli.hpp"),
    "server/bridges": ("server/config/",),
    "server/edge": ("server/config/",),
    "server/log": ("server/config/",),
    # Known to all, knows hardly anybody.
    "server/settings": tuple(f"server/{each}/" for each in ("auth", "bridges", "config", "log", "net", "rooms")),
    # They know the protocol, and no more of the server than anybody's client.
    "clients": ("server/", "troupe/", "caf/", "bench/", "tests/"),
}

# The folders of the library, lowest first. A file includes its own folder and lower ranks.
# "" are the files directly in LIBRARY: its face, where the folders of the last rank meet.
LIBRARY = "libactors/troupe/"
RANKS = (("json",), ("wire",), ("runtime",), ("",), ("audience", "delivery", "users", "bus"))
RANK_OF = {folder: rank for rank, folders in enumerate(RANKS) for folder in folders}

# A message that may leave the process has fields of these types only, or of structs of its own file.
VALUES_FILE = "libactors/troupe/remote_messages.hpp"
VALUES = {
    *("bool", "double", "std::string", "std::size_t", "std::uint8_t", "std::uint32_t", "std::uint64_t"),
    *("std::vector", "std::variant", "std::optional", "troupe::result"),
    *("audience_kind", "connection_id", "holders", "ticket", "position", "request_id", "identity_ptr"),
    *("error", "close_code", "admin::command", "admin::page", "moderation", "delivery_options", "pattern_news"),
}
# A plain hash table is for keys that the server gives out itself; who may choose keys may choose
# buckets, too, so everything else belongs into a `keyed_map`, which is defined in one file.
KEYED_MAP_FILE = "libactors/troupe/wire/keyed_map.hpp"
OWN_KEYS = {
    *("connection_id", "audience_id", "holder_id", "caf::actor_id", "caf::actor_addr", "std::uint32_t", "std::uint64_t"),
    "member",  # the roster's: by connection
}
PLAIN_TABLE = re.compile(r"\bunordered_(?:multi)?(?:map|set)<\s*((?:[\w:]|\s(?!\*))+\s*\*?)")
PLAIN_HASH = re.compile(r"\bhash<\s*(?:std::)?(?:basic_)?(?:u\d+)?string(?:_view)?\b")
STRUCT = re.compile(r"\bstruct (\w+) \{")
FIELD = re.compile(r"^ +((?:const )?[\w:]+(?:<.*>)?[ *&]+)(\w+)(?: = [^;]*|\{[^;]*\})?;", re.MULTILINE)

# No circles between the folders here. Each of its own files counts as a folder: those may include all.
LAYERED = "server/"

LINES_WARNING = 250
LINES_MAX = 350  # sources of the library, the server and the C++ client
SHIPPED = ("libactors/", "server/", "clients/cpp/troupe_client/", "clients/cli/")
OTHER_LINES_MAX = 500  # tests, bench, docs, scripts, the page
TEXT_PARTS = (*SOURCE_PARTS, "scripts", "cmake")
TEXT_FILES = ("README.md", "CHANGELOG.md", "CMakeLists.txt")
NOT_WRITTEN_BY_HAND = {".svg", ".png", ".sum"}
UNCOUNTED = {  # generated
    *("docs/grafana.json", "docs/troupe.example.toml", "docs/asyncapi.json", "docs/openapi.json"),
    *("clients/js/src/protocol.ts", "clients/js/package-lock.json", "server/page/troupe-client.js"),
    *("tests/browser/package-lock.json", "tests/descriptions/package-lock.json"),
    "tests/runtimes/package-lock.json",
}
PRUNED = {"node_modules", "dist", "corpus", "__pycache__"}

# Longer than it should be → why it is. A reason that is no longer needed is a breach too.
LONG_FILES = {
    "server/page/index.html": "the page is one file: whoever reads it sees all that it takes beside the client",
    "tests/actors/bridge_test.cpp": "one table of rules and events, played by one stage",
    "tests/unit/json_scan_test.cpp": "one grammar: its cases share the reference they are compared with",
}

# Private metaphors that hid a term of the field (docs/glossary.md has the terms), as whole words or
# parts of an identifier between underscores.
BANNED = (
    *("house", "ear", "door", "visitor", "wish", "parcel", "twin"),
    *("attendance", "census", "obstacle", "headcount", "whisper", "eject"),
)
BANNED_WORD = re.compile(rf"(?<![a-z])(?:{'|'.join(BANNED)})(?:e?s)?(?![a-z])", re.IGNORECASE)
# File → why it may have them.
BANNED_WORDS_ALLOWED = {
    "tests/architecture_test.py": "the list itself",
    "tests/architecture_self_test.py": "breaks the rule on purpose",
}


class Tree:
    def __init__(self, root):
        self.root = root
        self.texts = dict(self._read())
        self.includes = {
            name: list(self._includes_of(name, text))
            for name, text in self.texts.items()
            if Path(name).suffix in SOURCES and name.startswith(tuple(f"{p}/" for p in SOURCE_PARTS))
        }

    def _read(self):
        paths = [self.root / name for name in TEXT_FILES]
        for part in TEXT_PARTS:
            paths += sorted((self.root / part).rglob("*"))
        for path in paths:
            name = path.relative_to(self.root)
            if path.is_file() and path.suffix not in NOT_WRITTEN_BY_HAND and not PRUNED & set(name.parts):
                yield name.as_posix(), path.read_text(encoding="utf-8")

    def _includes_of(self, name, text):
        for found in INCLUDE.finditer(text):
            line = text.count("\n", 0, found.start(2)) + 1
            yield line, found.group(2), self._resolve(name, *found.groups())

    def _resolve(self, name, bracket, written):
        """The include as a path that the rules are written in: an include relative to its own file
        becomes one from the root; one of libactors' headers begins with troupe/."""
        if bracket == "<" and STANDARD.fullmatch(written):
            return "std"
        beside = ((self.root / name).parent / written).resolve()
        if bracket == '"' and beside.is_file() and self.root in beside.parents:
            written = beside.relative_to(self.root).as_posix()
        return written.removeprefix("libactors/")

    def breaches(self):
        for name, text in self.texts.items():
            yield from length_breaches(name, text.count("\n"))
            yield from word_breaches(name, text)
        if VALUES_FILE in self.texts:
            yield from value_breaches(self.texts[VALUES_FILE])
        for name, includes in self.includes.items():
            if name.startswith(("libactors/", "server/")) and name != KEYED_MAP_FILE:
                yield from table_breaches(name, self.texts[name])
            if name.endswith(".hpp") and not re.search(r"^#pragma once$", self.texts[name], re.MULTILINE):
                yield f"{name}:1: has no #pragma once"
            for line, written, included in includes:
                for breach in include_breaches(name, written, included):
                    yield f"{name}:{line}: {breach}"
            yield from self.forbidden_breaches(name)
        yield from circle_breaches(self.folder_arrows())

    def forbidden_breaches(self, name):
        """Follows the includes, but not into files under the same rule: those have their own breach."""
        folder = folder_of_rule(MUST_NOT_INCLUDE, name)
        if folder is None:
            return
        forbidden = MUST_NOT_INCLUDE[folder]
        seen = set()
        waiting = deque((line, included, ()) for line, _, included in self.includes[name])
        while waiting:
            line, included, through = waiting.popleft()
            if included in seen:
                continue
            seen.add(included)
            if included.startswith(forbidden):
                by = f" through {' and '.join(through)}" if through else ""
                yield f"{name}:{line}: includes {included}{by}; {', '.join(forbidden)} must not be known here"
                continue
            file = f"libactors/{included}" if included.startswith("troupe/") else included
            if file in self.includes and folder_of_rule(MUST_NOT_INCLUDE, file) != folder:
                waiting += [(line, further, (*through, included)) for _, _, further in self.includes[file]]

    def folder_arrows(self):
        """(from, to) → the includes that make the arrow, for the folders of LAYERED."""
        arrows = {}
        for name, includes in self.includes.items():
            for _, _, included in includes:
                if name.startswith(LAYERED) and included.startswith(LAYERED):
                    arrow = layer_of(name), layer_of(included)
                    if arrow[0] != arrow[1]:
                        arrows.setdefault(arrow, []).append(f"{name} includes {included}")
        return arrows

    def warnings(self):
        for name in self.includes:
            lines = self.texts[name].count("\n")
            if name.startswith(SHIPPED) and LINES_WARNING < lines <= LINES_MAX:
                yield f"{name}: {lines} lines; is it one concept?"


def folder_of_rule(rules, name):
    folders = [folder for folder in rules if name.startswith(folder + "/")]
    return max(folders, key=len) if folders else None


def include_breaches(name, written, included):
    if included == "caf/all.hpp" and not name.startswith("tests/"):
        yield "includes caf/all.hpp: name the headers that are needed"
    folder = folder_of_rule(MAY_INCLUDE, name)
    if folder is not None and not included.startswith(MAY_INCLUDE[folder]):
        yield f"includes {written}; only {', '.join(MAY_INCLUDE[folder])} here"
    if name.startswith(LIBRARY) and included.startswith("troupe/"):
        yield from rank_breaches(name.removeprefix(LIBRARY), included.removeprefix("troupe/"))


def rank_breaches(name, included):
    own, other = (path.rpartition("/")[0] for path in (name, included))
    if own not in RANK_OF or other not in RANK_OF:
        yield f"includes {included}: {own if own not in RANK_OF else other} has no rank"
    elif own != other and RANK_OF[own] <= RANK_OF[other]:
        order = " < ".join("|".join(folder or "root" for folder in rank) for rank in RANKS)
        yield f"includes {included}, which is not below {own or 'root'}: {order}"


def layer_of(path):
    return path.removeprefix(LAYERED).partition("/")[0]


def circle_breaches(arrows):
    """One complaint a circle: the shortest through each arrow that is on one."""
    told = set()
    for start, second in sorted(arrows):
        circle = shortest_path(arrows, second, start)
        if circle is None or frozenset(circle) in told:
            continue
        told.add(frozenset(circle))
        steps = [start, *circle]
        files = [arrows[arrow][:3] for arrow in zip(steps, steps[1:])]
        path = " → ".join(LAYERED + step for step in steps)
        yield f"{path}: a circle: " + "; ".join(file for some in files for file in some)


def shortest_path(arrows, start, end):
    paths = deque([[start]])
    seen = {start}
    while paths:
        path = paths.popleft()
        if path[-1] == end:
            return path
        for one, other in sorted(arrows):
            if one == path[-1] and other not in seen:
                seen.add(other)
                paths.append([*path, other])
    return None


def value_breaches(text):
    text = re.sub(r"//[^\n]*", "", text)
    allowed = VALUES | set(STRUCT.findall(text))
    fields = list(FIELD.finditer(text))
    # What does not read as a field must not pass for want of being read.
    lines = {text.count("\n", 0, field.start(2)) + 1 for field in fields}
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(" ") and line.strip().endswith(";") and line.strip() != "};" and number not in lines:
            yield f"{VALUES_FILE}:{number}: {line.strip()} is not a plain field"
    for field in fields:
        number = text.count("\n", 0, field.start(2)) + 1
        for kind in re.findall(r"[\w:]+|[*&]", field[1]):
            if kind not in allowed:
                yield f"{VALUES_FILE}:{number}: {field[2]} holds {kind}, which means nothing outside of the process"


def table_breaches(name, text):
    text = re.sub(r"//[^\n]*", "", text)
    for found in PLAIN_TABLE.finditer(text):
        key = found[1].strip()
        if key not in OWN_KEYS and not key.endswith("*"):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{name}:{line}: a plain table by {key}: is it from outside? {KEYED_MAP_FILE} is for those"
    for found in PLAIN_HASH.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield f"{name}:{line}: {found[0]}: a hash that anybody can aim at; {KEYED_MAP_FILE} has another"


def length_breaches(name, lines):
    counted = name.startswith(SHIPPED) and Path(name).suffix in SOURCES
    most = LINES_MAX if counted else OTHER_LINES_MAX
    if lines > most and name not in LONG_FILES and name not in UNCOUNTED:
        yield f"{name}: {lines} lines; at most {most}: split it by concept"
    if lines <= most and name in LONG_FILES:
        yield f"{name}: {lines} lines: it needs no exception any more"


def word_breaches(name, text):
    if name in BANNED_WORDS_ALLOWED or name.endswith("package-lock.json"):  # packages are called what they are called
        return
    for found in BANNED_WORD.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield f"{name}:{line}: says {found.group(0)!r}: the field has a word for it (docs/glossary.md)"


def check(root):
    tree = Tree(root.resolve())
    if not tree.includes:
        print(f"no sources in {root}")
        return 1
    for warning in tree.warnings():
        print("warning:", warning)
    breaches = list(tree.breaches())
    for breach in breaches:
        print("error:", breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        from architecture_self_test import self_test

        sys.exit(self_test())
    sys.exit(check(Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent))
