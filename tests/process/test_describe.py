"""`troupe describe`: the copies in the project, what the tools of others say of them, and whether the
frames of the transcripts and the documents are what they describe. (test_describe_api.py: the calls.)"""

import copy
import json
import re

import jsonschema
import openapi_spec_validator
import pytest
from descriptions import (
    OPEN_FRAMES,
    check_frame,
    closed_components,
    complaints,
    described,
    request_complaints,
    schemas_by_type,
    schemas_of_frame,
)
from harness import SOURCE_DIR, run_troupe
from test_transcripts import TRANSCRIPTS, read_transcript

COPIES = {
    "asyncapi": "docs/asyncapi.json",
    "openapi": "docs/openapi.json",
    "types": "clients/js/src/protocol.ts",
}


@pytest.mark.parametrize("what", COPIES)
def test_the_copy_in_the_project_is_what_the_binary_prints(what):
    ran = run_troupe("describe", what)
    assert ran.returncode == 0
    path = SOURCE_DIR / COPIES[what]
    assert ran.stdout == path.read_text(encoding="utf-8"), f"run: troupe describe {what} >{COPIES[what]}"


@pytest.mark.parametrize("arguments", [[], ["everything"], ["asyncapi", "openapi"]])
def test_what_else_may_be_described(arguments):
    ran = run_troupe("describe", *arguments)
    assert ran.returncode == 2
    assert "asyncapi" in ran.stdout or "--help" in ran.stdout


def test_the_validator_of_openapi_takes_the_description_of_the_calls():
    openapi_spec_validator.validate(described("openapi"))
    broken = copy.deepcopy(described("openapi"))
    broken["paths"]["/api/v1/publish"]["post"]["parameters"][0]["in"] = "nowhere"
    with pytest.raises(Exception, match="nowhere"):
        openapi_spec_validator.validate(broken)


# -- frames in texts ---------------------------------------------------------------------------------


def frames_of_transcripts():
    for path in TRANSCRIPTS:
        for number, _, verb, rest in read_transcript(path):
            if verb in "<>" and rest.startswith("{"):
                yield f"{path.name}:{number}", verb, rest


def without_stars(value):
    """`"*"` stands for anything: for what nobody asks for here."""
    if isinstance(value, dict):
        return {key: without_stars(each) for key, each in value.items() if each != "*"}
    if isinstance(value, list):
        return [without_stars(each) for each in value if each != "*"]
    return value


def loosened(schemas):
    """The same schemas where nothing is needed: of frames of which not all is written down."""
    out = copy.deepcopy(schemas)
    todo = [out]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            for word in ("required", "oneOf", "not") if "properties" in each else ():
                if word in each and word != "properties":
                    del each[word]
            todo += each.values()
        elif isinstance(each, list):
            todo += each
    return out


def loose_complaints(schemas, frame):
    all_schemas = loosened(closed_components("asyncapi")["schemas"])
    told = []
    for schema in schemas:
        check = jsonschema.Draft7Validator(
            {"allOf": [{"$ref": f"#/components/schemas/{schema}"}], "components": {"schemas": all_schemas}}
        )
        error = jsonschema.exceptions.best_match(check.iter_errors(frame))
        if error is None:
            return []
        told.append(f"{schema}: {error.message}")
    return told or ["nobody knows its type"]


def test_the_frames_of_the_transcripts_are_described():
    seen = {"<": 0, ">": 0}
    for where, verb, text in frames_of_transcripts():
        if verb == "<":
            frame = without_stars(json.loads(text))
            assert not loose_complaints(schemas_of_frame(frame), frame), f"{where}: {text}"
            seen[verb] += 1
    assert seen["<"] > 150


REFUSED = {"bad_json", "bad_request", "unknown_type", "invalid_name"}


def requests_of(path):
    """(line, text, the codes of the errors that its client got before it said the next)."""
    lines = list(read_transcript(path))
    for at, (number, who, verb, text) in enumerate(lines):
        if verb != ">":
            continue
        codes = set()
        for _, whose, what, rest in lines[at + 1 :]:
            if whose == who and what == ">":
                break
            if whose == who and what == "<" and rest.startswith("{"):
                codes.add(json.loads(rest).get("code"))
        yield number, text, codes


def test_what_a_client_of_the_transcripts_may_say_is_described_and_what_not_is_not():
    taken = refused = 0
    for path in TRANSCRIPTS:
        for number, text, codes in requests_of(path):
            try:
                told = request_complaints(json.loads(text))
            except (ValueError, AttributeError):
                continue  # no JSON object
            if codes & REFUSED:
                refused += bool(told)
            else:
                assert not told, f"{path.name}:{number}: {text}: {told}"
                taken += 1
    assert taken > 50 and refused > 15, (taken, refused)


def answers_by_request():
    told = described("asyncapi")
    messages = told["components"]["messages"]

    def name(reference):
        return messages[reference["$ref"].rpartition("/")[2]]["name"]

    return {
        name(operation["messages"][0]): {name(each) for each in operation.get("reply", {}).get("messages", [])}
        for operation in told["operations"].values()
        if operation["action"] == "receive"
    }


def test_the_answers_of_the_transcripts_are_those_that_are_described():
    answers, count = answers_by_request(), 0
    for path in TRANSCRIPTS:
        lines = list(read_transcript(path))
        for at, (number, who, verb, text) in enumerate(lines):
            if verb != ">" or '"id":' not in text or not text.endswith("}"):
                continue
            request = json.loads(text)
            for _, whose, what, rest in lines[at + 1 :]:
                if whose != who or what != "<" or not rest.startswith("{"):
                    continue
                answer = json.loads(rest)
                if "id" in answer and answer["id"] == request.get("id") and request["type"] in answers:
                    assert answer["type"] in answers[request["type"]] | {"error"}, f"{path.name}:{number}"
                    count += 1
                    break
    assert count > 25, count


# Of frames whose fields no table of the server has: they are in the code of rooms.
OF_ROOMS = ("MessageFrame", "UserJoinedFrame", "UserLeftFrame", "PollOpenedFrame", "PollVotesFrame", "PollResultFrame", "PollCount")
# Of tokens, which the transcripts have none of.
OF_TOKENS = "user_id"


def test_each_field_of_the_frames_of_rooms_is_in_a_transcript():
    seen = set()
    schemas = described("asyncapi")["components"]["schemas"]
    by_type = {name: each for each, names in schemas_by_type("KnownFrame").items() for name in names}
    for _, verb, text in frames_of_transcripts():
        frame = json.loads(text) if verb == "<" else {}
        for name in OF_ROOMS:
            if frame.get("type") == by_type.get(name):
                seen.update(f"{name}.{key}" for key in frame)
        for count in frame.get("result", []) if frame.get("type") == "poll_result" else []:
            seen.update(f"PollCount.{key}" for key in count)
    fields = {f"{name}.{key}" for name in OF_ROOMS for key in schemas[name]["properties"] if key != OF_TOKENS}
    # They have no offset, because nobody keeps them; but the table lets any frame of a room have one.
    assert fields - seen <= {"UserJoinedFrame.offset", "UserLeftFrame.offset"}, fields - seen


# -- frames in documents -----------------------------------------------------------------------------

def objects_in(text):
    """Each JSON object with a type that begins somewhere in `text`, if it is one to its end."""
    decoder = json.JSONDecoder()
    for found in re.finditer(r'\{ ?"type":', text):
        try:
            value, _ = decoder.raw_decode(text, found.start())
        except ValueError:
            continue
        yield text.count("\n", 0, found.start()) + 1, value


def documents():
    for name in ("protocol", "history", "presence", "topics", "delivery", "access", "nats", "from-the-guide"):
        yield SOURCE_DIR / f"docs/{name}.md"
    yield SOURCE_DIR / "README.md"


def test_the_frames_of_the_documents_are_described():
    count = 0
    for path in documents():
        for line, frame in objects_in(path.read_text(encoding="utf-8")):
            requests = schemas_by_type("ClientFrame").get(frame["type"], [])
            told = loose_complaints([*schemas_of_frame(frame), *requests], frame)
            assert not told, f"{path.name}:{line}: {frame}: {told}"
            count += 1
    assert count > 40


# -- whether these tests would find anything ---------------------------------------------------------


def test_a_field_that_nobody_knows_is_found():
    check_frame({"type": "left", "room": "r"})
    for wrong in ({"room": "r", "more": 1}, {"room": 1}, {}):
        with pytest.raises(AssertionError):
            check_frame({"type": "left", **wrong})
    with pytest.raises(AssertionError):
        check_frame({"type": "joined_again", "room": "r", "epoch": "e"})


def test_every_open_frame_is_known_here():
    known = {name for names in schemas_by_type("KnownFrame").values() for name in names}
    every = {each["$ref"].rpartition("/")[2] for each in described("asyncapi")["components"]["schemas"]["ServerFrame"]["anyOf"]}
    assert every - known == set(OPEN_FRAMES)


def test_a_request_that_lacks_something_is_found():
    assert not request_complaints({"type": "join", "room": "r"})
    assert request_complaints({"type": "join"})
    assert request_complaints({"type": "signal", "room": "a", "topic": "b", "data": 1})
    assert complaints(["ReachedResult"], {"connections": "1"})
