"""What docs/protocol.md tells people is what docs/asyncapi.json and docs/openapi.json tell machines:
frames, answers, commands with their fields, calls, statuses, parameters. For docs_test.py."""

import json
import re

CODE = re.compile(r"`([^`]+)`")
TYPE = re.compile(r'"type":"(\w+)"')

# Frames of other room types than chat, which the document tells in a sentence.
OF_ROOM_TYPES = {"poll_opened", "poll_votes", "poll_result"}
# Whose type others choose: `publication`, and what stands for all that rules bring.
CHOSEN = {"publication", "order_update", "payment_completed"}
# No operation has it: it is the answer to a method that none has.
OF_NO_CALL = {"405"}


def description(root, name):
    return json.loads((root / f"docs/{name}.json").read_text())


def rows(text, columns):
    """The rows of the table whose heading has these words, cell by cell, as they are written."""
    lines = iter(text.splitlines())
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and [cell.strip("`") for cell in cells][: len(columns)] == columns:
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    return
                yield [cell.strip() for cell in row.strip("|").split("|")]


def differences(what, told, true):
    for each in sorted(true - told):
        yield f"docs/protocol.md: {what} {each} is not told"
    for each in sorted(told - true):
        yield f"docs/protocol.md: {what} {each} is not in the descriptions"


def name_in(reference):
    return reference["$ref"].rpartition("/")[2]


def check_frames(root, text):
    schemas = description(root, "asyncapi")["components"]["schemas"]
    types = {schemas[name_in(each)]["properties"]["type"]["const"] for each in schemas["KnownFrame"]["anyOf"]}
    # The table has `|` in none of its frames, so the first cell is one.
    told = {name for row in rows(text, ["frame", "when"]) for name in TYPE.findall(row[0])}
    yield from differences("the frame", told - CHOSEN, types - OF_ROOM_TYPES)
    for name in OF_ROOM_TYPES:
        if f"`{name}`" not in text:
            yield f"docs/protocol.md: the frame {name} is not told"


def answers(root):
    """{type of a request: the types that answer it}"""
    told = description(root, "asyncapi")
    messages = told["components"]["messages"]
    for operation in told["operations"].values():
        if operation["action"] == "receive":
            names = [messages[name_in(each)]["name"] for each in operation.get("reply", {}).get("messages", [])]
            yield messages[name_in(operation["messages"][0])]["name"], set(names) - {"error"}


def check_requests(root, text):
    true = dict(answers(root))
    told = {TYPE.search(row[0]).group(1): row[-1] for row in rows(text, ["frame", "meaning", "answer"])}
    yield from differences("the request", set(told), set(true))
    for name in set(told) & set(true):
        for answer in true[name] - set(CODE.findall(told[name])):
            yield f"docs/protocol.md: that {answer} answers {name} is not told"


def commands(root):
    """{command: its fields}"""
    schemas = description(root, "asyncapi")["components"]["schemas"]
    for each in schemas["AdminCommandRequest"]["oneOf"]:
        fields = schemas[name_in(each)]["properties"]
        yield fields["command"]["const"], set(fields) - {"type", "command", "id"}


def check_commands(root, text):
    true = dict(commands(root))
    told = {}
    for names, fields, *_ in rows(text, ["command", "fields", "result"]):
        listed = CODE.findall(names)
        told.update(dict.fromkeys(listed))
        written = set(CODE.findall(fields)) - {"192.0.2.0/24"}
        known = set().union(*(true.get(name, set()) for name in listed))
        yield from differences(f"of {', '.join(listed)} the field", written, known)
    yield from differences("the command", set(told), set(true))


def without_names(path):
    return re.sub(r"\{\w+\}", "{}", path)


def check_calls(root, text):
    calls = description(root, "openapi")["paths"]
    true = {
        f"{method.upper()} {without_names(path)}"
        for path, methods in calls.items()
        for method in methods
        if path.startswith("/api/")
    }
    told = set()
    for row in rows(text, ["call", "body", "answer"]):
        method = None
        for written in CODE.findall(row[0]):
            verb, _, path = written.rpartition(" ")
            method = verb or method
            told.add(f"{method} {without_names(path)}")
    yield from differences("the call", told, true)
    paths = set(CODE.findall(" ".join(row[0] for row in rows(text, ["path", "what it is"]))))
    named = {without_names(path.removeprefix("GET ")) for path in paths if not path.startswith("POST ")}
    others = {without_names(path) for path in calls if not path.startswith("/api/")} - {"/echo"}
    yield from differences("the path", named, others)


def check_statuses(root, text):
    true = {
        status
        for methods in description(root, "openapi")["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
        if status >= "4"
    }
    told = {row[0] for row in rows(text, ["status", "when"])}
    told |= {row[2] for row in rows(text, ["code", "default `message", "HTTP status"])}
    yield from differences("the status", told - OF_NO_CALL, true)


def check_parameters(root, text):
    channel = description(root, "asyncapi")["channels"]["connection"]
    everything = text + "".join(
        (root / f"docs/{name}.md").read_text() for name in ("history", "presence", "topics")
    )
    for name in channel["bindings"]["ws"]["query"]["properties"]:
        if not re.search(rf"[?&]{name}=", everything):
            yield f"docs/protocol.md: the parameter {name} is not told"


def check_ways_to_read(root, _):
    """A parameter that is read by a name of its own is in no description."""
    for path in sorted((root / "server/net").glob("*.cpp")):
        for found in re.finditer(r'query_parameter\([^;"]*"(\w+)"', path.read_text()):
            yield f"server/net/{path.name}: the parameter {found.group(1)} is not read by ws_parameters.hpp"


CHECKS = [
    check_frames,
    check_requests,
    check_commands,
    check_calls,
    check_statuses,
    check_parameters,
    check_ways_to_read,
]


def check_descriptions(root):
    text = (root / "docs/protocol.md").read_text()
    for check in CHECKS:
        yield from check(root, text)
