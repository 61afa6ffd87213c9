"""The face of the package: `connect`, and the client it gives."""

from collections.abc import Callable, Mapping
from ssl import SSLContext
from types import TracebackType
from typing import Any, Literal, Self

from .address import Target, checked_url, checked_user
from .audiences import Audiences
from .calls import Calls
from .core import Core
from .errors import TroupeError
from .feed import Feed, Stream
from .frames import History, Message, Position, Presence, State
from .handles import Pattern, Room, Topic, Types
from .listeners import Listeners
from .mailbox import Mailbox
from .options import Options
from .tokens import Token


def connect(
    url: str,
    *,
    token: Token = None,
    user: str | None = None,
    options: Options | None = None,
    proxy: str | Literal[True] | None = True,
    ssl: SSLContext | None = None,
    headers: Mapping[str, str] | None = None,
) -> "Client":
    """A client of the server at `url`, such as `ws://127.0.0.1:8081`. It connects when it is entered by `async with`,
    and again whenever the connection is lost.

    `token` is a JWT, or a function that gives one, called with the reason. `user` is the name that others see of who
    has no token. `proxy` is the URL of a proxy, None for none; by default the environment names it, except for this
    machine itself. `ssl` is for certificates of one's own, `headers` for what stands before the server."""
    target = Target(url=checked_url(url), user=checked_user(user), proxy=proxy, ssl=ssl, headers=headers or {})
    return Client(Core(target, token, options or Options()))


class Client:
    def __init__(self, core: Core) -> None:
        self._core = core

    async def open(self) -> Self:
        """Begins to connect. Does not wait for it: what is asked meanwhile waits."""
        self._core.start()
        return self

    async def close(self) -> None:
        """Ends everything within a second."""
        await self._core.close()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # -- listening -----------------------------------------------------------------------------------------

    def room(self, name: str, *, presence: bool = False, types: Types = None, queue: int | None = None) -> Room:
        """A subscriber of a room, which the client joins when it is entered by `async with`. `presence`: be told who
        is there. `types`: the frames that `async for` gives; without, what is said; "*" for everything."""
        return Room(self, name, presence=presence, types=types, queue=queue or self._core.options.queue)

    def topic(self, name: str, *, presence: bool = False, types: Types = None, queue: int | None = None) -> Topic:
        """A subscriber of a topic, like `room`."""
        return Topic(self, name, presence=presence, types=types, queue=queue or self._core.options.queue)

    def pattern(self, pattern: str, *, types: Types = None, queue: int | None = None) -> Pattern:
        """A subscriber of all topics that match: `orders.*`. What is missed while it is away does not come later."""
        return Pattern(self, pattern, presence=False, types=types, queue=queue or self._core.options.queue)

    def notifications(self) -> Stream[Message]:
        """Announcements, and what is sent to this user, from now on: for `async for`."""
        return Stream(self._core.notices, self._core.options.queue)

    def on_notification(self, callback: Callable[[Message], Any]) -> Callable[[], None]:
        return self._call_back(self._core.notices, callback)

    # -- asking --------------------------------------------------------------------------------------------

    async def say(self, room: str, message: Any, **options: Any) -> Position | None:
        """Sends a message to a room, as a member at least until there is an answer: its position, or TroupeError.
        Options: `user`, `msg_id`, `to_role`, `except_me`, `ttl_ms`."""
        return await self._core.calls.say(room, message, **options)

    async def publish(self, topic: str, data: Any, **options: Any) -> Position | None:
        """Publishes on a topic. Options: `event`, `msg_id`, `to_role`, `except_me`, `ttl_ms`."""
        return await self._core.calls.publish(topic, data, **options)

    async def signal(self, data: Any, *, room: str | None = None, topic: str | None = None) -> None:
        await self._core.calls.signal(data, room=room, topic=topic)

    async def history(
        self,
        *,
        room: str | None = None,
        topic: str | None = None,
        limit: int | None = None,
        before: int | None = None,
        after: int | None = None,
    ) -> History:
        return await self._core.calls.history(room=room, topic=topic, limit=limit, before=before, after=after)

    async def presence(
        self, *, room: str | None = None, topic: str | None = None, limit: int | None = None, after: str | None = None
    ) -> Presence:
        return await self._core.calls.presence(room=room, topic=topic, limit=limit, after=after)

    async def rpc(self, service: str, method: str, params: dict[str, Any] | None = None) -> Any:
        """Calls a back-end service, and returns its result."""
        return await self._core.calls.rpc(service, method, params)

    # -- its connection ------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        return self._core.state

    def states(self) -> Stream[State]:
        """Each state from now on, for `async for`; the last one is `closed`."""
        return Stream(self._core.states, self._core.options.queue)

    async def opened(self) -> None:
        """Returns when there is a connection; raises TroupeError if there will be none."""
        mailbox = self._core.states.add(Mailbox[State](self._core.options.queue))
        try:
            state = self.state
            while state.name != "open":
                if state.name == "closed":
                    raise TroupeError("closed", state.reason, close_code=state.code)
                state = await mailbox.get()
        finally:
            self._core.states.remove(mailbox)

    def on_state(self, callback: Callable[[State], Any]) -> Callable[[], None]:
        """Has it called with each state from now on. The result takes it away again."""
        return self._call_back(self._core.states, callback)

    def on_error(self, callback: Callable[[BaseException], Any]) -> Callable[[], None]:
        """Has it called with what callbacks and token providers throw, and with errors that answer no request.
        Without any, these go to the log `troupe_client`."""
        return self._core.listeners.on_error(callback)

    # -- for handles ---------------------------------------------------------------------------------------

    @property
    def audiences(self) -> Audiences:
        return self._core.audiences

    @property
    def calls(self) -> Calls:
        return self._core.calls

    @property
    def listeners(self) -> Listeners:
        return self._core.listeners

    def _call_back(self, feed: Feed[Any], callback: Callable[[Any], Any]) -> Callable[[], None]:
        mailbox = feed.add(Mailbox[Any](self._core.options.queue))
        self._core.listeners.add(mailbox, callback)
        return lambda: feed.remove(mailbox)
