from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence

import pytest

from fakebroker import (
    CANCEL,
    DEADLINE_S,
    PARTIAL,
    REPLY,
    FakeBroker,
    header,
)
from jackfield import (
    ErrorCode,
    Failure,
    Reply,
    Request,
)
from jackfield._link import Link
from workers import Serve, cancelled, failure, reply


def generator(request: Request) -> Iterator[bytes]:
    yield b"1"
    yield b"2"


def generator_with_a_result(request: Request) -> Generator[bytes, None, bytes]:
    yield b"1"
    yield b"2"
    return b"end"


def generator_with_a_final_reply(request: Request) -> Iterator[bytes | Reply]:
    yield b"1"
    yield b"2"
    yield Reply(b"end", final=True)
    raise AssertionError("nothing is asked of a generator after its final reply")


def iterator(request: Request) -> Iterator[bytes]:
    return map(bytes, ([ord("1")], [ord("2")]))


async def async_generator(request: Request) -> AsyncIterator[bytes]:
    yield b"1"
    await asyncio.sleep(0)
    yield b"2"


async def async_generator_with_a_final_reply(request: Request) -> AsyncIterator[bytes | Reply]:
    yield b"1"
    yield b"2"
    yield Reply(b"end", final=True)


@pytest.mark.parametrize(
    ("handler", "final"),
    [
        (generator, b""),
        (generator_with_a_result, b"end"),
        (generator_with_a_final_reply, b"end"),
        (iterator, b""),
        (async_generator, b""),
        (async_generator_with_a_final_reply, b"end"),
    ],
)
def test_a_generator_streams(
    broker: FakeBroker, serve: Serve, handler: Callable[[Request], object], final: bytes
) -> None:
    running, peer = serve(handler)

    broker.request(peer, 3, b"")

    assert broker.receive() == reply(peer, 3, b"1", flags=PARTIAL)
    assert broker.receive() == reply(peer, 3, b"2", flags=PARTIAL)
    assert broker.receive() == reply(peer, 3, final)
    running.leave(broker)


def test_a_partial_reply_goes_out_before_the_next_is_made(broker: FakeBroker, serve: Serve) -> None:
    go_on = threading.Event()

    def handler(request: Request) -> Iterator[bytes]:
        yield b"first"
        assert go_on.wait(DEADLINE_S)
        yield b"second"

    running, peer = serve(handler)
    broker.request(peer, 1, b"")

    assert broker.receive() == reply(peer, 1, b"first", flags=PARTIAL)
    go_on.set()
    assert broker.receive() == reply(peer, 1, b"second", flags=PARTIAL)
    assert broker.receive() == reply(peer, 1, b"")
    running.leave(broker)


def test_a_stream_that_fails_ends_with_its_failure(broker: FakeBroker, serve: Serve) -> None:
    async def handler(request: Request) -> AsyncIterator[bytes]:
        yield b"1"
        raise Failure(ErrorCode.BAD_REQUEST, "no more")

    running, peer = serve(handler)
    broker.request(peer, 1, b"")

    assert broker.receive() == reply(peer, 1, b"1", flags=PARTIAL)
    assert broker.receive() == failure(peer, 1, ErrorCode.BAD_REQUEST, "no more")
    running.leave(broker)


def test_a_cancelled_stream_is_closed_where_it_yields(broker: FakeBroker, serve: Serve) -> None:
    closed = threading.Event()

    def handler(request: Request) -> Iterator[bytes]:
        try:
            while True:
                yield request.body
        finally:
            closed.set()

    running, peer = serve(handler)
    broker.request(peer, 1, b"x")
    assert broker.receive() == reply(peer, 1, b"x", flags=PARTIAL)

    broker.send(peer, header(CANCEL, request_id=1))

    assert closed.wait(DEADLINE_S)
    while (message := broker.receive()).command == REPLY:  # on the way before the CANCEL
        assert message == reply(peer, 1, b"x", flags=PARTIAL)
    assert message == cancelled(peer, 1)
    running.leave(broker)


def test_a_stream_waits_for_a_broker_that_does_not_read(
    broker: FakeBroker, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 40 MB: more than the queues and the kernel's buffers of both sides hold.
    partials, waiting, padding = 10_000, threading.Event(), bytes(4096)
    lengths: list[int] = []
    send = Link.send

    def watched_send(link: Link, frames: Sequence[bytes]) -> None:
        send(link, frames)
        lengths.append(len(link._outbox))
        if link._outbox:
            waiting.set()

    def handler(request: Request) -> Iterator[bytes]:
        for number in range(partials):
            yield b"%d" % number + padding

    monkeypatch.setattr(Link, "send", watched_send)
    running, peer = serve(handler, heartbeat_interval_s=60)
    broker.request(peer, 1, b"")
    assert waiting.wait(DEADLINE_S)

    for number in range(partials):
        assert broker.receive() == reply(peer, 1, b"%d" % number + padding, flags=PARTIAL)
    assert broker.receive() == reply(peer, 1, b"")
    running.leave(broker)
    assert max(lengths) == 1
