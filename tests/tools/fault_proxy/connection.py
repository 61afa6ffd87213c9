"""One proxied connection: bytes both ways, and the faults that it can have."""

import asyncio
import socket
import struct
from collections import deque

WAITING_MAX = 1 << 20  # bytes that a delay holds back before the proxy stops reading
LAST_WORDS = 5.0  # seconds in which the peers may answer a cut with an end of their own
RESET = struct.pack("ii", 1, 0)


class Way:
    """Bytes from one end to the other. They stay in order whatever the delay is."""

    def __init__(self, loop):
        self._loop = loop
        self.source = self.sink = None  # transports
        self.bytes = 0
        self.stalled = False
        self.swallows = False
        self.delay = 0.0
        self.sink_full = False
        self.at_end = False  # the source has said its last
        self.ended = False  # and the sink knows
        self._waiting = deque()  # (when it is due, bytes); no bytes: the end
        self._waiting_bytes = 0
        self._timer = None

    def take(self, data):
        self.bytes += len(data)
        if self.swallows:
            return
        if self.delay or self._waiting:
            self._put_off(data)
        else:
            self._write(data)

    def end(self):
        self.at_end = True
        if self.swallows:
            return
        if self.delay or self._waiting:
            self._put_off(b"")
        else:
            self._write(b"")

    def look_after_reading(self):
        """Reads, or does not, as things stand now."""
        if self.source is None or self.at_end:
            return
        held = self.sink_full or self._waiting_bytes > WAITING_MAX or self.sink is None
        if self.stalled or (held and not self.swallows):
            self.source.pause_reading()
        else:
            self.source.resume_reading()

    def swallow(self):
        """From now on nothing gets through, and what waits does not either."""
        self.swallows = True
        self.stalled = False
        self.forget()
        self.look_after_reading()

    def forget(self):
        self._waiting.clear()
        self._waiting_bytes = 0
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _put_off(self, data):
        self._waiting.append((self._loop.time() + self.delay, data))
        self._waiting_bytes += len(data)
        self.look_after_reading()
        if not self._timer:
            self._timer = self._loop.call_at(self._waiting[0][0], self._write_due)

    def _write_due(self):
        self._timer = None
        while self._waiting and self._waiting[0][0] <= self._loop.time():
            data = self._waiting.popleft()[1]
            self._waiting_bytes -= len(data)
            self._write(data)
        self.look_after_reading()
        if self._waiting:
            self._timer = self._loop.call_at(self._waiting[0][0], self._write_due)

    def _write(self, data):
        if not data:
            self.ended = True
        if not self.sink or self.sink.is_closing():
            return
        if data:
            self.sink.write(data)
        else:
            self.sink.write_eof()


class End(asyncio.Protocol):
    """A socket of a connection: `out` is what it reads, `back` what it is sent."""

    def __init__(self, connection, out, back):
        self._connection = connection
        self._out = out
        self._back = back

    def connection_made(self, transport):
        self._out.source = self._back.sink = transport
        transport.pause_reading()
        self._connection.look_after_reading()

    def data_received(self, data):
        self._out.take(data)

    def eof_received(self):
        self._out.end()
        self._connection.end_if_done()
        return True  # the other way goes on

    def pause_writing(self):
        self._back.sink_full = True
        self._back.look_after_reading()

    def resume_writing(self):
        self._back.sink_full = False
        self._back.look_after_reading()

    def connection_lost(self, why):
        self._out.source = self._back.sink = None
        self._out.at_end = True
        self._connection.lost(why)


class Connection:
    """`up` leads to the server, `down` to the client."""

    def __init__(self, loop, number, on_gone):
        self._loop = loop
        self._on_gone = on_gone
        self.number = number
        self.state = "open"  # then "cut", "reset" or "half_open"
        self.up, self.down = Way(loop), Way(loop)
        self.client = End(self, self.up, self.down)
        self.server = End(self, self.down, self.up)
        self.client_port = None

    @property
    def transports(self):
        """Of the ends that are still there."""
        return [each for each in (self.up.source, self.down.source) if each]

    def ways(self, which="both"):
        return {"up": [self.up], "down": [self.down], "both": [self.up, self.down]}[which]

    def described(self):
        return {
            "id": self.number,
            "client_port": self.client_port,
            "state": self.state,
            "up": self.up.bytes,
            "down": self.down.bytes,
            "stalled": [name for name in ("up", "down") if getattr(self, name).stalled],
        }

    # -- faults ------------------------------------------------------------------------------------------

    def cut(self):
        """FIN to both, behind what is on its way already. What they still say is thrown away."""
        if self.state != "open":
            return
        self.state = "cut"
        for way in self.ways():
            way.swallow()
        for transport in self.transports:
            transport.write_eof()
        self.end_if_done()
        self._loop.call_later(LAST_WORDS, self.abort)

    def reset(self):
        """RST to both."""
        self.state = "reset"
        for transport in self.transports:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.abort()

    def half_open(self):
        """Both believe that it is there, and neither hears of the other any more, not even its end."""
        if self.state != "open":
            return
        self.state = "half_open"
        for way in self.ways():
            way.swallow()

    def stall(self, which="both"):
        """Nothing is read that way: what is said waits in the kernel, until it takes no more."""
        for way in self.ways(which):
            way.stalled = True
            way.look_after_reading()

    def delay(self, seconds, which="both"):
        for way in self.ways(which):
            way.delay = seconds

    def heal(self):
        """Takes stalls and delays away. What was swallowed is lost."""
        for way in self.ways():
            way.stalled, way.delay = False, 0.0
            way.look_after_reading()

    def abort(self):
        """At once: whatever a killed process leaves, the kernel ends."""
        for way in self.ways():
            way.forget()
        for transport in self.transports:
            transport.abort()

    # -- what happens to its ends ------------------------------------------------------------------------

    def look_after_reading(self):
        for way in self.ways():
            way.look_after_reading()

    def end_if_done(self):
        if self.state == "cut":
            done = self.up.at_end and self.down.at_end
        else:
            done = self.up.ended and self.down.ended
        if done:
            for transport in self.transports:
                transport.close()
        elif self.state == "half_open":
            for way in self.ways():  # that one is gone, and the other is not told
                if way.at_end and way.source:
                    way.source.close()

    def lost(self, why):
        """One end has gone; without a reason it was closed here."""
        if not self.transports:
            self._on_gone(self)
        elif self.state == "cut":
            self.end_if_done()
        elif self.state == "open" and why is not None:
            self.reset()  # as its peer has done
