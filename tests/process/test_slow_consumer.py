"""A client that does not read is closed with 4409; the server's memory and the others do not pay."""

import select

import pytest
from harness import DEADLINE, SANITIZED, TEXT, Server, frame_bytes

OUTBOX_BYTES_MAX = 65536
# The kernel holds a few MB for a socket whose owner does not read; this is well beyond them.
MESSAGES_MAX = 4000
TEXT_BYTES = 16_000


def resident_kilobytes(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def speak_until_user_left(speaker, listener, leaver):
    """Everyone who reads gets every message in order, while `leaver` is there and after it has gone.
    Returns how many messages were said."""
    text, gone_at = "x" * TEXT_BYTES, None
    for offset in range(1, MESSAGES_MAX + 1):
        speaker.send({"type": "message", "message": [offset, text]})
        for client in (speaker, listener):
            while (frame := client.read_message())["type"] != "message":
                assert (frame["type"], frame["user"]) == ("user_left", leaver), frame
                if client is listener:
                    assert gone_at is None, "told twice"
                    gone_at = offset
            assert frame["offset"] == offset
            assert frame["message"] == [offset, text]
        if gone_at is not None and offset >= gone_at + 20:
            return offset
    raise AssertionError(f"still a member after {MESSAGES_MAX} unread messages")


def room_with_a_sleeper(server, room):
    speaker, listener = server.member(room, "Speaker"), server.member(room, "Listener")
    speaker.expect("user_joined", user="Listener")
    sleeper = server.client("/ws?user=Sleeper", receive_buffer=4096)
    sleeper.send({"type": "join", "room": room})
    sleeper.expect("joined")
    for client in (speaker, listener):
        client.expect("user_joined", user="Sleeper")
    return speaker, listener, sleeper


def test_the_others_get_everything_and_it_gets_4409():
    with Server("--limits-outbox-bytes-max", OUTBOX_BYTES_MAX) as server:
        speaker, listener, sleeper = room_with_a_sleeper(server, "slow")
        with speaker, listener, sleeper:
            speak_until_user_left(speaker, listener, "Sleeper")

            # Now it reads after all: whole frames without a hole, and then why it was closed.
            messages = sleeper.assert_closed_with(4409)
            last = messages.pop()
            assert last["type"] == "disconnect"
            assert last["code"] == 4409
            assert last["reconnect"] is True
            assert [frame["offset"] for frame in messages] == list(range(1, len(messages) + 1))
            sleeper.wait_for_end()


def test_one_that_never_reads_again_is_dropped():
    with Server(
        "--limits-outbox-bytes-max", OUTBOX_BYTES_MAX, "--limits-close-timeout-seconds", 0.5
    ) as server:
        speaker, listener, sleeper = room_with_a_sleeper(server, "dropped")
        with speaker, listener, sleeper:
            speak_until_user_left(speaker, listener, "Sleeper")
            # Without reading, all that it can see is that the connection has been cut.
            cut = select.poll()
            cut.register(sleeper.socket, select.POLLHUP | select.POLLERR)
            assert cut.poll(DEADLINE * 1000), "the connection is still there"


@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps freed memory")
def test_its_memory_is_bounded():
    """Twenty sleepers, and far more said than they may have waiting."""
    with Server("--limits-outbox-bytes-max", OUTBOX_BYTES_MAX) as server:
        with server.member("memory", "Speaker") as speaker:
            sleepers = []
            for _ in range(20):
                sleeper = server.client("/ws?user=Sleeper", receive_buffer=4096)
                sleeper.send({"type": "join", "room": "memory"})
                sleeper.expect("joined")
                speaker.expect("user_joined")
                sleepers.append(sleeper)
            before = resident_kilobytes(server.process)
            left, offset, text = 0, 0, "x" * TEXT_BYTES
            while left < len(sleepers):
                assert offset < MESSAGES_MAX, f"{left} of {len(sleepers)} have gone"
                offset += 1
                speaker.send({"type": "message", "message": text})
                while (frame := speaker.read_message())["type"] != "message":
                    assert frame["type"] == "user_left"
                    left += 1
                assert frame["offset"] == offset
            grown = resident_kilobytes(server.process) - before
            print(f"{offset} messages, {grown} KiB more")
            assert grown < 20 * 1024
            for sleeper in sleepers:
                sleeper.socket.close()


def test_a_client_that_does_not_read_its_own_answers():
    """It asks on and on and never reads: the server stops reading it, or closes it with 4409."""
    with Server("--limits-outbox-bytes-max", OUTBOX_BYTES_MAX) as server:
        with server.member("bystanders", "Ann") as ann, server.client(receive_buffer=4096) as asker:
            before = resident_kilobytes(server.process)
            requests = b"".join(frame_bytes(TEXT, b'{"type":"ping","id":%d}' % i) for i in range(2000))
            # Either is right: a server that stops reading (a second without taking anything), or
            # one that closes.
            asker.socket.settimeout(1.0)
            try:
                for _ in range(500):
                    asker.send_bytes(requests)
            except TimeoutError:
                pass
            else:
                asker.socket.settimeout(DEADLINE)
                asker.assert_closed_with(4409)
            ann.send({"type": "message", "message": "undisturbed"})
            ann.expect("message", message="undisturbed")
            if not SANITIZED:
                assert resident_kilobytes(server.process) - before < 20 * 1024
