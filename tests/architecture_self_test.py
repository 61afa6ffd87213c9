"""Breaks every rule of architecture_test.py in a tree of its own: can each of them fail?"""

import tempfile
from pathlib import Path

from architecture_test import LINES_MAX, LINES_WARNING, LONG_FILES, OTHER_LINES_MAX, VALUES_FILE, Tree

ONCE = "#pragma once\n"

FINE = {
    "libactors/troupe/json/text.hpp": ONCE,
    "libactors/troupe/wire/frame.hpp": ONCE + '#include "troupe/json/text.hpp"\n#include "frame.def"\n',
    "libactors/troupe/wire/frame.def": "",
    "libactors/troupe/runtime/metrics.hpp": ONCE + '#include "troupe/wire/frame.hpp"\n',
    "libactors/troupe/messages.hpp": ONCE + '#include "troupe/runtime/metrics.hpp"\n',
    VALUES_FILE: ONCE + "struct a {\n  std::string b{}; ///< credit\n  ticket c = 0;\n};\n"
    "struct d {\n  struct e {\n    bool f = false;\n  };\n  std::variant<std::vector<a>, e, error> g;\n};\n",
    "libactors/troupe/audience/room.hpp": ONCE
    + '#include "troupe/messages.hpp"\n#include "troupe/json/text.hpp"\n#include <caf/actor.hpp>\n'
    "#include <vector>\n#include <cstdint>\n",
    "libactors/troupe/delivery/outbox.hpp": ONCE + "#include <sys/uio.h>\n",
    "libactors/troupe/delivery/table.hpp": ONCE
    + "// Not std::unordered_map<std::string, int>.\nstd::unordered_map<connection_id, int> a;\n"
    "std::unordered_map<const socket*, int> b;\nkeyed_map<std::string, int> c;\n",
    "libactors/troupe/wire/frame.cpp": '#include "frame.hpp"\n// #include <boost/asio.hpp>\n',
    "server/settings/net.hpp": ONCE,
    "server/config/load_config.hpp": ONCE + '#include "server/settings/net.hpp"\n',
    "server/edge/limits.hpp": ONCE + '#include "server/settings/net.hpp"\n',
    "server/net/loop.hpp": ONCE
    + '#include <boost/asio/io_context.hpp>\n#include "troupe/messages.hpp"\n#include "server/edge/limits.hpp"\n'
    '#include "server/exit_code.hpp"\n',
    "server/exit_code.hpp": ONCE,
    "server/rooms/chat.cpp": '#include "troupe/messages.hpp"\n#include "rooms.def"\n#include <map>\n',
    "server/rooms/rooms.def": "",
    "server/bridges/nats.hpp": ONCE,
    "server/main.cpp": '#include "server/net/loop.hpp"\n#include "server/config/load_config.hpp"\n',
    "tests/actors/room_test.cpp": "#include <caf/all.hpp>\n",
    "clients/cpp/troupe_client/client.hpp": ONCE
    + '#include "troupe_client/result.hpp"\n#include <boost/asio/post.hpp>\n#include <string>\n',
    "clients/cli/chat.cpp": "#include <troupe_client/client.hpp>\n#include <unistd.h>\n",
    "docs/words.md": "We hear of warehouses, years and outdoor games; rejected and Edwin are words too.\n",
}

# What is put where, and what the one complaint must say.
BREACHES = [
    ("libactors/troupe/a.hpp", "#pragma once\n#include <boost/asio.hpp>\n", ":2: includes boost/asio.hpp"),
    ("libactors/troupe/a.cpp", '#include "server/config/load_config.hpp"\n', ":1: includes server/config/load_config.hpp"),
    ("libactors/troupe/a.cpp", '#include "../../server/net/loop.hpp"\n', "includes ../../server/net"),
    ("libactors/troupe/a.cpp", "#include <spdlog/spdlog.h>\n", "includes spdlog/spdlog.h"),
    ("libactors/troupe/a.cpp", "#include <nlohmann/json.hpp>\n", "includes nlohmann/json.hpp"),
    ("libactors/troupe/a.cpp", "#include <nats/nats.h>\n", "includes nats/nats.h"),
    ("libactors/troupe/a.cpp", "#include <toml++/toml.h>\n", "includes toml++/toml.h"),
    ("libactors/troupe/a.cpp", "#include <sys/socket.h>\n", "includes sys/socket.h"),
    ("libactors/troupe/a.cpp", "  #  include   <caf/all.hpp>\n", "includes caf/all.hpp: name"),
    # The ranks of the library.
    ("libactors/troupe/json/a.cpp", '#include "troupe/wire/frame.hpp"\n', "is not below json"),
    ("libactors/troupe/wire/a.cpp", '#include "troupe/runtime/metrics.hpp"\n', "is not below wire"),
    ("libactors/troupe/wire/a.cpp", '#include "../runtime/metrics.hpp"\n', "is not below wire"),
    ("libactors/troupe/runtime/a.cpp", '#include "troupe/messages.hpp"\n', "is not below runtime"),
    ("libactors/troupe/a.cpp", '#include "troupe/audience/room.hpp"\n', "is not below root"),
    ("libactors/troupe/audience/a.cpp", '#include "troupe/delivery/outbox.hpp"\n', "is not below audience"),
    ("libactors/troupe/bus/a.cpp", '#include "troupe/audience/room.hpp"\n', "is not below bus"),
    ("libactors/troupe/cluster/a.cpp", '#include "troupe/messages.hpp"\n', "cluster has no rank"),
    # Messages that may leave the process.
    (VALUES_FILE, ONCE + "struct a {\n  troupe::credit b;\n};\n", ":3: b holds troupe::credit"),
    (VALUES_FILE, ONCE + "struct a {\n  std::vector<frame_ptr> b{};\n};\n", ":3: b holds frame_ptr"),
    (VALUES_FILE, ONCE + "struct a {\n  const rpc_rule* b = nullptr;\n};\n", ":3: b holds const"),
    (VALUES_FILE, ONCE + "struct a {\n  audience_id b{};\n};\n", "b holds audience_id"),
    (VALUES_FILE, ONCE + "struct a {\n  std::variant<room_actor, error> b;\n};\n", "b holds room_actor"),
    (VALUES_FILE, ONCE + "struct a {\n  std::chrono::steady_clock::time_point b{};\n};\n", "b holds std::chrono"),
    (VALUES_FILE, ONCE + "struct a {\n  std::string b, *c;\n};\n", "is not a plain field"),
    (VALUES_FILE, ONCE + "struct a {\n  void (*b)();\n};\n", "is not a plain field"),
    # Tables whose keys come from outside.
    ("libactors/troupe/a.hpp", ONCE + "std::unordered_map<std::string, int> a;\n", ":2: a plain table by std::string"),
    ("server/net/a.cpp", "std::unordered_set< std::string_view > a;\n", "a plain table by std::string_view"),
    ("server/net/a.cpp", "std::unordered_map<client_address, int> a;\n", "a plain table by client_address"),
    ("server/net/a.cpp", "std::unordered_multimap<Key,\nint> a;\n", "a plain table by Key"),
    ("server/net/a.cpp", "auto a = std::hash<std::string>{}(name);\n", "hash<std::string: a hash that anybody"),
    # What a folder must not know, and not through another file either.
    ("server/net/a.cpp", '#include "server/rooms/chat.hpp"\n', "must not be known here"),
    ("server/net/a.cpp", '#include "../rooms/rooms.def"\n', "must not be known here"),
    ("server/net/a.cpp", '#include "server/bridges/nats.hpp"\n', "must not be known here"),
    ("server/net/a.cpp", '#include "server/config/load_config.hpp"\n', "must not be known here"),
    ("server/auth/a.cpp", '#include "server/cli.hpp"\n', "must not be known here"),
    ("server/settings/a.hpp", ONCE + '#include "server/net/loop.hpp"\n', "must not be known here"),
    ("server/net/a.cpp", "#include <caf/all.hpp>\n", "includes caf/all.hpp: name"),
    ("server/edge/limits.hpp", ONCE + '#include "server/config/load_config.hpp"\n', "must not be known here"),
    ("server/edge/limits.hpp", ONCE + '#include "server/bridges/nats.hpp"\n', "through server/edge/limits.hpp"),
    ("server/rooms/a.cpp", "#include <caf/actor.hpp>\n", "includes caf/actor.hpp; only"),
    ("server/rooms/a.cpp", "#include <boost/asio.hpp>\n", "includes boost/asio.hpp; only"),
    ("server/rooms/a.cpp", '#include "server/net/loop.hpp"\n', "includes server/net/loop.hpp; only"),
    ("server/rooms/a.hpp", "#include <string>\n", "has no #pragma once"),
    ("bench/a.hpp", "#ifndef A\n#endif\n", "has no #pragma once"),
    ("clients/cpp/a.cpp", '#include "server/net/loop.hpp"\n', "must not be known here"),
    ("clients/cpp/a.cpp", '#include "troupe/wire/frame.hpp"\n', "must not be known here"),
    ("clients/cli/a.cpp", '#include "../../server/net/loop.hpp"\n', "must not be known here"),
    ("clients/cpp/troupe_client/a.cpp", '#include "clients/cli/commands.hpp"\n', "includes clients/cli/commands.hpp; only"),
    ("clients/cpp/troupe_client/a.cpp", "#include <tl/expected.hpp>\n", "includes tl/expected.hpp; only"),
    # Circles between the folders of server/.
    ("server/edge/a.cpp", '#include "server/net/loop.hpp"\n', "server/edge → server/net → server/edge: a circle"),
    ("server/settings/a.hpp", ONCE + '#include "../net/loop.hpp"\n', "server/edge → server/settings → server/net → server/edge"),
    ("server/net/a.cpp", '#include "server/main.cpp"\n', "server/main.cpp → server/net → server/main.cpp"),
    # Sizes.
    ("libactors/troupe/a.cpp", "\n" * (LINES_MAX + 1), f"{LINES_MAX + 1} lines; at most"),
    ("server/a.cpp", "\n" * (LINES_MAX + 1), f"{LINES_MAX + 1} lines; at most"),
    ("clients/cpp/troupe_client/a.cpp", "\n" * (LINES_MAX + 1), f"{LINES_MAX + 1} lines; at most"),
    ("server/page/other.html", "\n" * (OTHER_LINES_MAX + 1), f"{OTHER_LINES_MAX + 1} lines; at most"),
    ("tests/process/test_a.py", "\n" * (OTHER_LINES_MAX + 1), f"{OTHER_LINES_MAX + 1} lines; at most"),
    ("bench/a", "\n" * (OTHER_LINES_MAX + 1), f"{OTHER_LINES_MAX + 1} lines; at most"),
    ("docs/a.md", "\n" * (OTHER_LINES_MAX + 1), f"{OTHER_LINES_MAX + 1} lines; at most"),
    ("README.md", "\n" * (OTHER_LINES_MAX + 1), f"{OTHER_LINES_MAX + 1} lines; at most"),
    (next(iter(LONG_FILES)), "\n", "needs no exception any more"),
    # Words.
    ("libactors/troupe/a.cpp", "int ear_ = 0;\n", ":1: says 'ear'"),
    ("server/a.cpp", "// comes in\nvoid on_eject(bool);\n", ":2: says 'eject'"),
    ("server/a.cpp", "struct http_door_settings;\n", "says 'door'"),
    ("docs/a.md", "Doors open at eight.\n", "says 'Doors'"),
    ("tests/process/test_a.py", "wishes = []\n", "says 'wishes'"),
    ("scripts/run", "# the house\n", "says 'house'"),
    ("README.md", "A parcel.\n", "says 'parcel'"),
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
            if not any(complaint in told for told in found):
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
