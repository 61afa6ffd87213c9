"""What docs/asyncapi.json and docs/openapi.json say of a frame, a request or an answer.

They are checked closed: no object may have a field that its schema does not name, so that whatever the
server says and a description does not know makes a test fail.
"""

import copy
import functools
import json
import os
from pathlib import Path

import jsonschema

DOCS = Path(os.environ.get("PROJECT_SOURCE_DIR", Path(__file__).resolve().parents[2])) / "docs"

# Types that services and rules may bring, whatever else is in such a frame.
WORDS_OF_SERVICES = {"announcement", "notification"}


@functools.cache
def described(name):
    return json.loads((DOCS / f"{name}.json").read_text(encoding="utf-8"))


def closed(part):
    """A copy in which no object has other fields than it should."""
    part = copy.deepcopy(part)
    todo = [part]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            if "properties" in each and "properties" not in each["properties"]:
                each.setdefault("additionalProperties", False)
            todo += each.values()
        elif isinstance(each, list):
            todo += each
    return part


@functools.cache
def closed_components(name):
    return closed(described(name)["components"])


def validator(schema, name="asyncapi"):
    return jsonschema.Draft7Validator({**closed(schema), "components": closed_components(name)})


@functools.cache
def validator_of(schema, name="asyncapi"):
    """Of one of the components."""
    return validator({"allOf": [{"$ref": f"#/components/schemas/{schema}"}]}, name)


@functools.cache
def schemas_by_type(known_as):
    """The schemas of `KnownFrame` or `ClientFrame`, by the type of the frame."""
    schemas = described("asyncapi")["components"]["schemas"]
    found = {}
    for each in schemas[known_as].get("anyOf") or schemas[known_as]["oneOf"]:
        name = each["$ref"].rpartition("/")[2]
        inside = [name] if "properties" in schemas[name] else [e["$ref"].rpartition("/")[2] for e in schemas[name]["oneOf"]]
        for one in inside:
            found.setdefault(schemas[one]["properties"]["type"]["const"], []).append(one)
    return found


OPEN_FRAMES = ("PublicationFrame", "TopicEventFrame", "RoomEventFrame", "UserEventFrame")


def schemas_of_frame(frame):
    known = schemas_by_type("KnownFrame").get(frame.get("type"))
    if known is None:
        return list(OPEN_FRAMES)
    return known + list(OPEN_FRAMES) if frame["type"] in WORDS_OF_SERVICES else known


def complaints(schemas, value, name="asyncapi"):
    """Empty when one of these schemas takes it; else why each does not."""
    told = []
    for schema in schemas:
        error = jsonschema.exceptions.best_match(validator_of(schema, name).iter_errors(value))
        if error is None:
            return []
        told.append(f"{schema}: {error.json_path}: {error.message}")
    return told or [f"nobody knows the type of {value}"]


def check_frame(frame):
    """Of the server."""
    told = complaints(schemas_of_frame(frame), frame)
    assert not told, f"not as docs/asyncapi.json has it: {frame}: {told}"


def request_complaints(frame):
    """Of a client."""
    without_nulls = {k: v for k, v in frame.items() if v is not None or k in ("message", "content", "data", "state")}
    # The server passes over fields that it does not know.
    schemas = schemas_by_type("ClientFrame").get(frame.get("type"), [])
    if frame.get("type") == "admin_command":
        properties = described("asyncapi")["components"]["schemas"]
        schemas = [s for s in schemas if properties[s]["properties"]["command"]["const"] == frame.get("command")]
    return complaints(schemas, without_nulls)
