"""A client that does not read is closed with 4409; the server's memory and the others do not pay."""

import select

import pytest
from harness import DEADLINE, SANITIZED, TEXT, Server, frame_bytes

OUTBOX_BYTES_MAX = 65536
# The kernel holds a few MB for a socket whose owner does not read; this is well beyond them.
MESSAGES_MAX = 4000
TEXT_BYTES = 16_000


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
            assert last["close_code"] == 4409
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
            before = server.resident_kilobytes()
            left, offset, text = 0, 0, "x" * TEXT_BYTES
            while left < len(sleepers):
                assert offset < MESSAGES_MAX, f"{left} of {len(sleepers)} have gone"
                offset += 1
                speaker.send({"type": "message", "message": text})
                while (frame := speaker.read_message())["type"] != "message":
                    assert frame["type"] == "user_left"
                    left += 1
                assert frame["offset"] == offset
            grown = server.resident_kilobytes() - before
            print(f"{offset} messages, {grown} KiB more")
            assert grown < 20 * 1024
            for sleeper in sleepers:
                sleeper.socket.close()


def test_a_client_that_does_not_read_its_own_answers():
    """It asks on and on and never reads: the server stops reading it, or closes it with 4409."""
    with Server("--limits-outbox-bytes-max", OUTBOX_BYTES_MAX) as server:
        with server.member("bystanders", "Ann") as ann, server.client(receive_buffer=4096) as asker:
            before = server.resident_kilobytes()
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
                assert server.resident_kilobytes() - before < 20 * 1024


def listener_of(server, topic, **options):
    client = server.client(**options)
    client.send({"type": "subscribe", "topic": topic})
    client.expect("subscribed")
    return client


def catch_up(sleeper, end):
    """Reads on to offset `end`: every message comes in order or is part of a gap. Returns the kinds
    of frames."""
    stands, kinds = 0, []
    while stands < end:
        frame = sleeper.read_message()
        kinds.append(frame["type"])
        if frame["type"] == "gap":
            assert frame["topic"] == "news"
            assert stands + frame["dropped"] == frame["offset"]
        else:
            assert frame["type"] == "publication"
            assert frame["offset"] == stands + 1
        stands = frame["offset"]
    return kinds


@pytest.mark.parametrize("policy", ["drop_oldest", "latest_only"])
def test_one_that_sleeps_stays_and_is_told_what_it_missed(tmp_path, policy):
    config = tmp_path / "troupe.toml"
    config.write_text(
        f'[[namespace]]\nmatch = "news"\nsubscribe = "anyone"\npublish = "anyone"\n'
        f'slow_consumer = "{policy}"\n'
    )
    count, text, held = 1000, "x" * TEXT_BYTES, 32
    with Server("--config", config, "--limits-outbox-bytes-max", held * TEXT_BYTES) as server:
        with server.client() as speaker:
            listeners = [listener_of(server, "news") for _ in range(4)]
            sleeper = listener_of(server, "news", receive_buffer=4096)
            before = server.resident_kilobytes()
            for offset in range(1, count + 1):
                speaker.send({"type": "publish", "topic": "news", "data": [offset, text]})
                speaker.expect("published", offset=offset)
                for listener in listeners:
                    listener.expect("publication", offset=offset, data=[offset, text])
            if not SANITIZED:
                assert server.resident_kilobytes() - before < 10 * 1024

            kinds = catch_up(sleeper, count)
            # The kernel takes a little more now and then: what leaves then has a gap before and behind;
            # if that was at the end, a few messages more have left behind the last gap.
            assert 1 <= kinds.count("gap") < 10, kinds
            behind_the_gap = kinds[::-1].index("gap")
            if policy == "latest_only":
                assert 1 <= behind_the_gap < 10
            else:
                assert 10 <= behind_the_gap <= held

            # It has caught up: it misses nothing more.
            speaker.send({"type": "publish", "topic": "news", "data": "new"})
            for listener in [*listeners, sleeper]:
                listener.expect("publication", offset=count + 1)
                listener.close()
