"""Subscriptions as frames: many names in one, none longer than the server likes."""

import json
from collections.abc import Iterable, Iterator

from .audience import Audience
from .frames import Frame

NAMES_MAX = 128
BYTES_MAX = 16 * 1024
FRAME_BYTES = 256
"""For what is around the names."""


def subscribes(audiences: Iterable[Audience]) -> Iterator[tuple[Frame, list[Audience]]]:
    """Topics of which presence is wanted go by themselves: the field is for the whole frame."""
    asked = list(audiences)
    for presence in (False, True):
        for portion in portions([each for each in asked if each.presence is presence]):
            yield subscribe(portion, presence), portion


def subscribe(portion: list[Audience], presence: bool) -> Frame:
    frame: Frame = {"type": "subscribe", "topics": [each.name for each in portion]}
    recover = {each.name: asked for each in portion if (asked := recovery(each)) is not None}
    if recover:
        frame["recover"] = recover
    if presence:
        frame["presence"] = True
    return frame


def unsubscribes(audiences: Iterable[Audience]) -> Iterator[Frame]:
    for portion in portions(list(audiences)):
        yield {"type": "unsubscribe", "topics": [each.name for each in portion]}


def join(audience: Audience) -> Frame:
    frame: Frame = {"type": "join", "room": audience.name}
    if (asked := recovery(audience)) is not None:
        frame["recover"] = asked
    if audience.presence:
        frame["presence"] = True
    return frame


def recovery(audience: Audience) -> dict[str, object] | None:
    """Who listens already must not be asked about the past, and a pattern has none."""
    if audience.confirmed or audience.kind == "pattern":
        return None
    return audience.stand.recover()


def portions(audiences: list[Audience]) -> Iterator[list[Audience]]:
    portion: list[Audience] = []
    length = FRAME_BYTES
    for audience in audiences:
        more = len(audience.name) + 3 + len(json.dumps({audience.name: recovery(audience)}))
        if portion and (len(portion) == NAMES_MAX or length + more > BYTES_MAX):
            yield portion
            portion, length = [], FRAME_BYTES
        portion.append(audience)
        length += more
    if portion:
        yield portion
