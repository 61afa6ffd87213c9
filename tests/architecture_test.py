#!/usr/bin/env python3
"""Which part of the tree may include which, and that files stay small. See docs/design/.

    architecture_test.py [ROOT]       checks the tree; exit code 1 and one line per breach
    architecture_test.py --self-test  breaks every rule in a tree of its own and expects to be told
"""

import re
import sys
import tempfile
from pathlib import Path

SOURCES = {".hpp", ".cpp", ".def", ".h", ".ipp"}
PARTS = ("libactors", "server", "clients", "bench", "tests", "docs")
LINES_MAX = 350
LINES_WARNING = 250

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
STANDARD = re.compile(r"[a-z_0-9]+")  # <vector>, <cstdint>: no folder and no suffix

# Folder → what its files may include, by the beginning of the path; "std" is the standard library.
# The longest folder that fits a file decides.
MAY_INCLUDE = {
    # sys/uio.h: the outbox hands its frames over as an array of iovec.
    # tl/expected.hpp: what `result` is until C++23.
    "libactors": ("troupe/", "caf/", "nlohmann/", "tl/", "std", "sys/uio.h"),
    "server/rooms": ("troupe/", "server/rooms/", "nlohmann/", "std"),
}

# Folder → what its files must not include, where anything else is fine.
MUST_NOT_INCLUDE = {
    "server/net": ("server/rooms/", "server/bridges/", "server/config/"),
    "server/auth": ("server/config/", "server/cli.hpp"),
    "server/bridges": ("server/config/",),
    "server/edge": ("server/config/",),
    "server/log": ("server/config/",),
    # What the server is told: known to all, knows hardly anybody.
    "server/settings": (
        "server/auth/", "server/bridges/", "server/config/", "server/log/", "server/net/", "server/rooms/",
    ),
    "clients": ("server/", "troupe/", "caf/"),
}

# A message that may leave the process has fields of these types only, or of structs of its own file.
VALUES_FILE = "libactors/troupe/remote_messages.hpp"
VALUES = {
    "bool", "double", "std::string", "std::size_t", "std::uint8_t", "std::uint32_t", "std::uint64_t",
    "std::vector", "std::variant", "std::optional", "troupe::result",
    "audience_kind", "connection_id", "ticket", "position", "request_id", "identity_ptr",
    "error", "close_code", "admin::command", "admin::page",
}
STRUCT = re.compile(r"\bstruct (\w+) \{")
FIELD = re.compile(r"^ +((?:const )?[\w:]+(?:<.*>)?[ *&]+)(\w+)(?: = [^;]*|\{[^;]*\})?;", re.MULTILINE)


class Tree:
    def __init__(self, root):
        self.root = root

    def sources(self):
        for part in PARTS:
            for path in sorted((self.root / part).rglob("*")):
                if path.suffix in SOURCES and path.is_file() and "node_modules" not in path.parts:
                    yield path

    def resolve(self, file, bracket, included):
        """The include as a path that the rules are written in: an include relative to its own file
        becomes one from the root; one of libactors' headers begins with troupe/."""
        if bracket == "<" and STANDARD.fullmatch(included):
            return "std"
        beside = (file.parent / included).resolve()
        if bracket == '"' and beside.is_file() and self.root in beside.parents:
            included = beside.relative_to(self.root).as_posix()
        return included.removeprefix("libactors/")

    def breaches(self):
        for file in self.sources():
            name = file.relative_to(self.root).as_posix()
            text = file.read_text(encoding="utf-8")
            if file.suffix == ".hpp" and not re.search(r"^#pragma once$", text, re.MULTILINE):
                yield f"{name}:1: has no #pragma once"
            if name.startswith(("libactors/", "server/")):
                lines = text.count("\n")
                if lines > LINES_MAX:
                    yield f"{name}: {lines} lines; at most {LINES_MAX}: split it by concept"
            if name == VALUES_FILE:
                yield from (f"{name}:{breach}" for breach in value_breaches(text))
            for match in INCLUDE.finditer(text):
                line = text.count("\n", 0, match.start(2)) + 1
                for breach in self.include_breaches(file, name, *match.groups()):
                    yield f"{name}:{line}: {breach}"

    def include_breaches(self, file, name, bracket, written):
        included = self.resolve(file, bracket, written)
        if included == "caf/all.hpp" and not name.startswith("tests/"):
            yield "includes caf/all.hpp: name the headers that are needed"
        allowed = rule_for(MAY_INCLUDE, name)
        if allowed is not None and not included.startswith(allowed):
            yield f"includes {written}; only {', '.join(allowed)} here"
        forbidden = rule_for(MUST_NOT_INCLUDE, name)
        if forbidden is not None and included.startswith(forbidden):
            yield f"includes {written}; {', '.join(forbidden)} must not be known here"

    def warnings(self):
        for file in self.sources():
            name = file.relative_to(self.root).as_posix()
            lines = file.read_text(encoding="utf-8").count("\n")
            if name.startswith(("libactors/", "server/")) and LINES_WARNING < lines <= LINES_MAX:
                yield f"{name}: {lines} lines; is it one concept?"


def value_breaches(text):
    text = re.sub(r"//[^\n]*", "", text)
    allowed = VALUES | set(STRUCT.findall(text))
    fields = list(FIELD.finditer(text))
    # What does not read as a field must not pass for want of being read.
    lines = {text.count("\n", 0, field.start(2)) + 1 for field in fields}
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(" ") and line.strip().endswith(";") and line.strip() != "};" and number not in lines:
            yield f"{number}: {line.strip()} is not a plain field"
    for field in fields:
        for kind in re.findall(r"[\w:]+|[*&]", field[1]):
            if kind not in allowed:
                yield (f"{text.count(chr(10), 0, field.start(2)) + 1}: {field[2]} holds {kind}, "
                       "which means nothing outside of the process")


def rule_for(rules, name):
    folders = [folder for folder in rules if name.startswith(folder + "/")]
    return rules[max(folders, key=len)] if folders else None


def check(root):
    tree = Tree(root.resolve())
    if not any(tree.sources()):
        print(f"no sources in {root}")
        return 1
    for warning in tree.warnings():
        print("warning:", warning)
    breaches = list(tree.breaches())
    for breach in breaches:
        print("error:", breach)
    return 1 if breaches else 0


FINE = {
    "libactors/troupe/room.hpp": '#pragma once\n#include "troupe/wire.hpp"\n#include <caf/actor.hpp>\n'
    "#include <nlohmann/json.hpp>\n#include <vector>\n#include <cstdint>\n",
    "libactors/troupe/wire.hpp": "#pragma once\n",
    VALUES_FILE: "#pragma once\nstruct a {\n  std::string b{}; ///< credit\n  ticket c = 0;\n};\n"
    "struct d {\n  struct e {\n    bool f = false;\n  };\n  std::variant<std::vector<a>, e, error> g;\n};\n",
    "libactors/troupe/wire.cpp": '#include "wire.hpp"\n// #include <boost/asio.hpp>\n',
    "server/net/loop.hpp": '#pragma once\n#include <boost/asio/io_context.hpp>\n#include "troupe/room.hpp"\n',
    "server/rooms/chat.cpp": '#include "troupe/room.hpp"\n#include "rooms.def"\n#include <map>\n',
    "server/rooms/rooms.def": "",
    "server/main.cpp": '#include "server/net/loop.hpp"\n#include "server/rooms/chat.hpp"\n',
    "tests/actors/room_test.cpp": "#include <caf/all.hpp>\n",
    "clients/cpp/client.hpp": "#pragma once\n#include <string>\n",
}

# What is put where, and what the one complaint must say.
BREACHES = [
    ("libactors/troupe/a.hpp", "#pragma once\n#include <boost/asio.hpp>\n", ":2: includes boost/asio.hpp"),
    ("libactors/troupe/a.cpp", '#include "server/config/config.hpp"\n', ":1: includes server/config/config.hpp"),
    ("libactors/troupe/a.cpp", '#include "../../server/net/loop.hpp"\n', "includes ../../server/net"),
    ("libactors/troupe/a.cpp", "#include <spdlog/spdlog.h>\n", "includes spdlog/spdlog.h"),
    ("libactors/troupe/a.cpp", "#include <nats/nats.h>\n", "includes nats/nats.h"),
    ("libactors/troupe/a.cpp", "#include <toml++/toml.h>\n", "includes toml++/toml.h"),
    ("libactors/troupe/a.cpp", "#include <sys/socket.h>\n", "includes sys/socket.h"),
    ("libactors/troupe/a.cpp", "  #  include   <caf/all.hpp>\n", "includes caf/all.hpp: name"),
    ("server/net/a.cpp", '#include "server/rooms/chat.hpp"\n', "must not be known here"),
    ("server/net/a.cpp", '#include "../rooms/rooms.def"\n', "must not be known here"),
    ("server/net/a.cpp", '#include "server/bridges/nats.hpp"\n', "must not be known here"),
    ("server/net/a.cpp", '#include "server/config/config.hpp"\n', "must not be known here"),
    ("server/auth/a.cpp", '#include "server/cli.hpp"\n', "must not be known here"),
    ("server/settings/a.hpp", '#pragma once\n#include "server/net/loop.hpp"\n', "must not be known here"),
    ("server/net/a.cpp", "#include <caf/all.hpp>\n", "includes caf/all.hpp: name"),
    ("server/rooms/a.cpp", "#include <caf/actor.hpp>\n", "includes caf/actor.hpp; only"),
    ("server/rooms/a.cpp", "#include <boost/asio.hpp>\n", "includes boost/asio.hpp; only"),
    ("server/rooms/a.cpp", '#include "server/net/loop.hpp"\n', "includes server/net/loop.hpp; only"),
    ("server/rooms/a.hpp", "#include <string>\n", "has no #pragma once"),
    ("bench/a.hpp", "#ifndef A\n#endif\n", "has no #pragma once"),
    ("clients/cpp/a.cpp", '#include "server/net/loop.hpp"\n', "must not be known here"),
    ("clients/cpp/a.cpp", '#include "troupe/wire.hpp"\n', "must not be known here"),
    (VALUES_FILE, "#pragma once\nstruct a {\n  troupe::credit b;\n};\n", ":3: b holds troupe::credit"),
    (VALUES_FILE, "#pragma once\nstruct a {\n  std::vector<frame_ptr> b{};\n};\n", ":3: b holds frame_ptr"),
    (VALUES_FILE, "#pragma once\nstruct a {\n  const rpc_rule* b = nullptr;\n};\n", ":3: b holds const"),
    (VALUES_FILE, "#pragma once\nstruct a {\n  audience_id b{};\n};\n", "b holds audience_id"),
    (VALUES_FILE, "#pragma once\nstruct a {\n  std::variant<room_actor, error> b;\n};\n", "b holds room_actor"),
    (VALUES_FILE, "#pragma once\nstruct a {\n  std::chrono::steady_clock::time_point b{};\n};\n", "b holds std::chrono"),
    (VALUES_FILE, "#pragma once\nstruct a {\n  std::string b, *c;\n};\n", "is not a plain field"),
    (VALUES_FILE, "#pragma once\nstruct a {\n  void (*b)();\n};\n", "is not a plain field"),
    ("libactors/troupe/a.cpp", "\n" * (LINES_MAX + 1), f"{LINES_MAX + 1} lines; at most"),
    ("server/a.cpp", "\n" * (LINES_MAX + 1), f"{LINES_MAX + 1} lines; at most"),
]


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def self_test():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name, text in FINE.items():
            write(root, name, text)
        if found := list(Tree(root).breaches()):
            wrong.append(f"complaints about a tree that is fine: {found}")
        for name, text, complaint in BREACHES:
            path = write(root, name, text)
            found = list(Tree(root).breaches())
            if not (found and any(f.startswith(name) and complaint in f for f in found)):
                wrong.append(f"{name} with {text[:60]!r}: expected {complaint!r}, got {found}")
            path.unlink()
            if name in FINE:
                write(root, name, FINE[name])
        write(root, "server/long.cpp", "\n" * (LINES_WARNING + 1))
        if len(list(Tree(root).warnings())) != 1 or list(Tree(root).breaches()):
            wrong.append("a long file is a warning, no more and no less")
    for line in wrong:
        print(line)
    print(f"{len(BREACHES)} breaches tried, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        sys.exit(self_test())
    sys.exit(check(Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent))
