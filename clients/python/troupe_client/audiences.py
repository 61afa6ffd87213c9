"""All that the client listens to: counted, left late, asked for on each connection; and who is told what."""

import asyncio
from collections.abc import Iterable, Iterator

from .asking import Asking
from .audience import Audience, Kind, Wanted
from .errors import TroupeError
from .frames import Frame, Item, Message, Position
from .mailbox import Mailbox
from .names import check, matches
from .options import Options
from .requests import Requests

Key = tuple[Kind, str]


class Audiences:
    def __init__(self, options: Options, requests: Requests) -> None:
        self._options = options
        self._all: dict[Key, Audience] = {}
        self._closed: TroupeError | None = None
        self._asking = Asking(options, requests, self._is_there, self._fail)

    def __iter__(self) -> Iterator[Audience]:
        return iter(self._all.values())

    def timers(self) -> int:
        return self._asking.timers + sum(each.leaving is not None for each in self)

    # -- who listens ---------------------------------------------------------------------------------------

    def enter(
        self, kind: Kind, name: str, mailboxes: Iterable[tuple[Mailbox[Item], Wanted]], presence: bool
    ) -> Audience:
        """The second subscriber sends nothing, unless it wants to know what the first did not."""
        check(kind, name)
        if self._closed is not None:
            raise self._closed.again()
        audience = self._all.get((kind, name))
        if audience is None:
            audience = self._all[kind, name] = Audience(kind, name)
            self._asking.ask(audience)
        if audience.leaving is not None:
            audience.leaving.cancel()
            audience.leaving = None
        audience.count += 1
        if presence and audience.people.known:
            news = Message(audience.people.frame(kind, name))
            for mailbox, wants in mailboxes:
                if wants(news):
                    mailbox.put(news)
        elif presence and not audience.presence:
            audience.presence = True
            self._asking.ask(audience)
        for mailbox, wants in mailboxes:
            audience.listen(mailbox, wants)
        return audience

    def ask_now(self) -> None:
        """What is to be entered goes out before whatever is said next."""
        self._asking.flush()

    def release(self, audience: Audience) -> None:
        audience.count -= 1
        if audience.count == 0 and self._is_there(audience):
            loop = asyncio.get_running_loop()
            audience.leaving = loop.call_later(self._options.leave, self._leave, audience)

    def _leave(self, audience: Audience) -> None:
        audience.leaving = None
        self._forget(audience)
        audience.end()
        if not audience.given:
            self._asking.leave(audience)

    def _forget(self, audience: Audience) -> None:
        self._asking.do_not_ask(audience)
        if self._is_there(audience):
            del self._all[audience.kind, audience.name]

    # -- what the connection does --------------------------------------------------------------------------

    def opened(self) -> None:
        """Everything comes back, each with its position."""
        self._asking.opened([each for each in self if not each.given])

    def lost(self) -> None:
        self._asking.lost()
        for audience in self:
            audience.lost()

    def close(self, error: TroupeError, *, wanted: bool) -> None:
        """If it was wanted, whoever iterates just comes to the end."""
        self._closed = error
        self.lost()
        for audience in self:
            if audience.leaving is not None:
                audience.leaving.cancel()
                audience.leaving = None
            if wanted:
                audience.end()
            else:
                audience.fail(error)
        self._all.clear()

    def inbox(self, name: str) -> None:
        """The server subscribes the client to this topic by itself."""
        for audience in list(self):
            if audience.given and audience.name != name:
                audience.given = False
                audience.count -= 1
                self._asking.ask(audience)
        audience = self._all.setdefault(("topic", name), Audience("topic", name))
        audience.count += not audience.given
        audience.given = True
        self._asking.do_not_ask(audience)

    def inbox_position(self) -> Position | None:
        return next((each.stand.position for each in self if each.given), None)

    def is_news(self, frame: Frame) -> bool:
        """Not heard before, as far as its topic knows."""
        audience = self._all.get(("topic", frame.get("topic", "")))
        position, offset = audience and audience.stand.position, frame.get("offset")
        return not position or not isinstance(offset, int) or offset > position.offset

    # -- what the server says ------------------------------------------------------------------------------

    def hear(self, frame: Frame) -> None:
        """A frame that answers no request."""
        kind = frame.get("type")
        room, topic = frame.get("room"), frame.get("topic")
        if kind == "subscribed":
            self._confirm_topics(frame)
        elif kind in ("left", "unsubscribed"):
            self._put_out(frame)
        elif isinstance(room, str):
            if audience := self._all.get(("room", room)):
                audience.hear(frame)
        elif isinstance(topic, str):
            self._hear_on_topic(topic, frame)

    def failed(self, error: Frame) -> None:
        """An error that answers nothing: with `internal` a room or topic has failed, and the client may enter again."""
        places = (("room", error.get("room")), ("topic", error.get("topic")))
        for audience in list(self):
            if error.get("code") == "internal" and audience.confirmed and (audience.kind, audience.name) in places:
                audience.lost()
                self._asking.again(audience)

    def said(self, answer: Frame) -> None:
        """An answer with the position of a message of this client's own."""
        position = Position.of(answer)
        key: Key = ("room", answer["room"]) if "room" in answer else ("topic", answer.get("topic", ""))
        if position is not None and (audience := self._all.get(key)):
            audience.stand.said(position)

    def _hear_on_topic(self, topic: str, frame: Frame) -> None:
        audience = self._all.get(("topic", topic))
        replayed = audience is not None and audience.replays(frame)
        if audience is not None:
            audience.hear(frame)
        if replayed:
            return
        for each in list(self):
            if each.kind == "pattern" and matches(each.name, topic):
                each.hear(frame)

    def _confirm_topics(self, frame: Frame) -> None:
        for name, position in frame.get("positions", {}).items():
            for kind in ("topic", "pattern"):
                if audience := self._all.get((kind, name)):
                    audience.confirm(position)

    def _put_out(self, frame: Frame) -> None:
        names = [("room", frame["room"])] if "room" in frame else [("topic", each) for each in frame.get("topics", ())]
        names += [("pattern", name) for kind, name in names if kind == "topic"]
        reason = str(frame.get("reason") or "the server has ended it")
        for audience in [each for each in self if (each.kind, each.name) in names]:
            audience.hear(frame)
            self._fail(audience, TroupeError("left", reason))

    def _fail(self, audience: Audience, error: TroupeError) -> None:
        self._forget(audience)
        audience.fail(error)

    def _is_there(self, audience: Audience) -> bool:
        return self._all.get((audience.kind, audience.name)) is audience
