from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence

import pytest

from fakebroker import (
    CANCEL,
    DEADLINE_S,
    DISCONNECT,
    DRAIN,
    EARLY_EXIT,
    FAILURE,
    HEARTBEAT,
    IDEMPOTENT,
    PARTIAL,
    PING,
    PONG,
    READY,
    REPLY,
    REQUEST,
    WELCOME,
    FakeBroker,
    Received,
    RunningWorker,
    header,
)
from jackfield import (
    Closed,
    DrainTimeout,
    ErrorCode,
    Failure,
    ProtocolError,
    RegistrationRefused,
    Reply,
    Request,
    Worker,
)
from jackfield._link import Link

Start = Callable[[Worker], RunningWorker]


def worker_of(broker: FakeBroker, function: Callable[[Request], object], **options: float) -> Worker:
    options = {"credit": 2, "heartbeat_interval_s": 0.1, "heartbeat_liveness": 50, "drain_timeout_s": 10} | options
    worker = Worker(broker.endpoint, **options)  # type: ignore[arg-type]
    worker.add("test", function)  # type: ignore[arg-type]
    return worker


def echo(request: Request) -> bytes:
    return request.body


def reply(peer: bytes, request_id: int, body: bytes, *, flags: int = 0, headers: bytes = b"") -> Received:
    return Received(peer, REPLY, flags, 0, request_id, 0, 0, [b"", headers, body])


def failure(peer: bytes, request_id: int, code: ErrorCode, cause: str) -> Received:
    return Received(peer, FAILURE, 0, int(code), request_id, 0, 0, [b"", b"", cause.encode()])


def test_says_ready_with_all_that_it_has(broker: FakeBroker, start: Start) -> None:
    worker = Worker(
        broker.endpoint, credit=7, heartbeat_interval_s=2.5, worker_id="w-1", labels={"zone": "eu"}, drain_timeout_s=1
    )
    worker.add("plain", echo)

    @worker.service("full", version="1.2", idempotent=True, timeout=1.5)
    def full(request: Request) -> bytes:
        return request.body

    running = start(worker)
    ready = broker.receive()

    assert ready == Received(
        ready.peer,
        READY,
        0,
        0,
        0,
        2500,
        7,
        [
            b"",
            b"worker-id:w-1\nkit:python/0.1.0\nlabel.zone:eu\n",
            b"name:plain\n",
            b"name:full\nversion:1.2\nidempotent:true\ntimeout-ms:1500\n",
        ],
    )
    assert not running.ready.is_set()
    broker.send(ready.peer, header(WELCOME, count=2))
    assert running.ready.wait(DEADLINE_S)
    running.leave(broker)


def test_answers_a_request(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, lambda request: request.body.upper()))
    peer = broker.welcome()

    broker.request(peer, 2**64 - 1, b"hello")

    assert broker.receive() == reply(peer, 2**64 - 1, b"HELLO")
    running.leave(broker)


def test_an_async_handler_answers_a_request(broker: FakeBroker, start: Start) -> None:
    async def handler(request: Request) -> str:
        await asyncio.sleep(0)
        return request.text + "é"

    running = start(worker_of(broker, handler))
    peer = broker.welcome()

    broker.request(peer, 1, b"caf")

    assert broker.receive() == reply(peer, 1, "café".encode())
    running.leave(broker)


def test_the_handler_sees_everything_that_came(broker: FakeBroker, start: Start) -> None:
    seen: list[Request] = []

    def handler(request: Request) -> Reply:
        seen.append(request)
        return Reply([b"", b"2"], headers={"x-more": "a:b"}, content_type="text/plain", early_exit=True)

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    began_s = time.monotonic()
    first = header(REQUEST, request_id=9, flags=IDEMPOTENT, time_ms=60_000, count=3)
    broker.send(peer, first, b"test", b"content-type:a/b\nx:\n", b"one", b"", b"two")

    answer = broker.receive()

    assert (answer.command, answer.flags, answer.id) == (REPLY, EARLY_EXIT, 9)
    assert answer.rest == [b"", b"x-more:a:b\ncontent-type:text/plain\n", b"", b"2"]
    request = seen[0]
    assert (request.service, request.parts, request.body) == ("test", (b"one", b"", b"two"), b"onetwo")
    assert (dict(request.headers), request.content_type) == ({"content-type": "a/b", "x": ""}, "a/b")
    assert (request.attempt, request.idempotent, request.cancelled) == (3, True, False)
    assert request.deadline is not None
    assert began_s + 60 <= request.deadline <= time.monotonic() + 60
    running.leave(broker)


def test_serves_several_services_on_one_connection(broker: FakeBroker, start: Start) -> None:
    worker = worker_of(broker, echo)
    worker.add("other", lambda request: b"other " + request.body)
    running = start(worker)
    peer = broker.welcome(services=2)

    broker.request(peer, 1, b"a", service=b"other")
    assert broker.receive() == reply(peer, 1, b"other a")
    broker.request(peer, 2, b"b")
    assert broker.receive() == reply(peer, 2, b"b")
    running.leave(broker)


def test_a_failure_arrives_as_it_was_raised(broker: FakeBroker, start: Start) -> None:
    def handler(request: Request) -> bytes:
        raise Failure(ErrorCode.OVERLOADED, "the disk is full", hint="delete\nsomething", retry_after_ms=1500)

    running = start(worker_of(broker, handler))
    peer = broker.welcome()

    broker.request(peer, 5, b"")

    expected = [b"", b"hint:delete something\n", b"the disk is full"]
    assert broker.receive() == Received(peer, FAILURE, 0, 7, 5, 1500, 0, expected)
    running.leave(broker)


class Odd:
    """What no body can be made of."""


def raise_stop_iteration(request: Request) -> bytes:
    return next(iter(()))


def raise_key_error(request: Request) -> bytes:
    raise KeyError("missing")


async def raise_from_a_coroutine(request: Request) -> bytes:
    raise TimeoutError("the database")


async def cancel_itself(request: Request) -> bytes:
    raise asyncio.CancelledError


def return_nothing(request: Request) -> None:
    return None


def reply_with_a_bad_header(request: Request) -> Reply:
    return Reply(b"", headers={"Bad": "x"})


@pytest.mark.parametrize(
    ("handler", "cause"),
    [
        (raise_key_error, "KeyError: 'missing'"),
        (raise_from_a_coroutine, "TimeoutError: the database"),
        (raise_stop_iteration, "RuntimeError: the handler raised StopIteration"),
        (cancel_itself, "the handler was cancelled"),
        (return_nothing, "TypeError: body: NoneType (expected: bytes, str, or a list or tuple of bytes)"),
        (
            reply_with_a_bad_header,
            "ProtocolError: BAD_MESSAGE: header name: 'Bad' (expected: [a-z0-9][a-z0-9.-]*, at most 64 bytes)",
        ),
    ],
)
def test_any_other_exception_is_handler_failed(
    broker: FakeBroker, start: Start, handler: Callable[[Request], object], cause: str
) -> None:
    running = start(worker_of(broker, handler))
    peer = broker.welcome()

    for request_id in (1, 2):  # the second: the worker goes on
        broker.request(peer, request_id, b"")
        assert broker.receive() == failure(peer, request_id, ErrorCode.HANDLER_FAILED, cause)
    running.leave(broker)


def test_text_that_is_none_is_a_bad_request(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, lambda request: request.text))
    peer = broker.welcome()

    broker.request(peer, 1, b"a\xff")

    cause = "body: not UTF-8 text (invalid start byte at byte 1)"
    assert broker.receive() == failure(peer, 1, ErrorCode.BAD_REQUEST, cause)
    running.leave(broker)


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
    broker: FakeBroker, start: Start, handler: Callable[[Request], object], final: bytes
) -> None:
    running = start(worker_of(broker, handler))
    peer = broker.welcome()

    broker.request(peer, 3, b"")

    assert broker.receive() == reply(peer, 3, b"1", flags=PARTIAL)
    assert broker.receive() == reply(peer, 3, b"2", flags=PARTIAL)
    assert broker.receive() == reply(peer, 3, final)
    running.leave(broker)


def test_a_partial_reply_goes_out_before_the_next_is_made(broker: FakeBroker, start: Start) -> None:
    go_on = threading.Event()

    def handler(request: Request) -> Iterator[bytes]:
        yield b"first"
        assert go_on.wait(DEADLINE_S)
        yield b"second"

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"")

    assert broker.receive() == reply(peer, 1, b"first", flags=PARTIAL)
    go_on.set()
    assert broker.receive() == reply(peer, 1, b"second", flags=PARTIAL)
    assert broker.receive() == reply(peer, 1, b"")
    running.leave(broker)


def test_a_stream_that_fails_ends_with_its_failure(broker: FakeBroker, start: Start) -> None:
    async def handler(request: Request) -> AsyncIterator[bytes]:
        yield b"1"
        raise Failure(ErrorCode.BAD_REQUEST, "no more")

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"")

    assert broker.receive() == reply(peer, 1, b"1", flags=PARTIAL)
    assert broker.receive() == failure(peer, 1, ErrorCode.BAD_REQUEST, "no more")
    running.leave(broker)


def cancelled(peer: bytes, request_id: int) -> Received:
    return failure(peer, request_id, ErrorCode.CANCELLED, "the request was cancelled")


def forget(broker: FakeBroker, peer: bytes) -> None:
    """Have the worker join again on its connection: what it has in flight then has nobody to answer."""
    broker.send(peer, header(FAILURE, code=14), b"", b"", b"READY first")
    assert broker.welcome() == peer


def test_a_cancelled_request_is_told_to_its_thread_and_answered(broker: FakeBroker, start: Start) -> None:
    begun, told = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        if request.body == b"long":
            begun.set()
            if request.wait_cancelled(DEADLINE_S):
                told.set()
        return request.body

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"long")
    assert begun.wait(DEADLINE_S)

    broker.send(peer, header(CANCEL, request_id=1))

    assert told.wait(DEADLINE_S)
    assert broker.receive() == cancelled(peer, 1)
    broker.request(peer, 2, b"next")
    assert broker.receive() == reply(peer, 2, b"next")
    running.leave(broker)


def test_a_cancelled_request_holds_its_credit_until_its_thread_is_free(broker: FakeBroker, start: Start) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return request.body

    running = start(worker_of(broker, handler, credit=1))
    peer = broker.welcome()
    broker.request(peer, 1, b"first")
    assert begun.wait(DEADLINE_S)

    broker.send(peer, header(CANCEL, request_id=1))
    broker.send(peer, header(CANCEL, request_id=1))
    broker.request(peer, 2, b"second")

    cause = "the worker has 1 requests in flight (credit: 1)"
    assert broker.receive() == failure(peer, 2, ErrorCode.OVERLOADED, cause)
    go_on.set()
    assert broker.receive() == cancelled(peer, 1)
    broker.request(peer, 3, b"third")
    assert broker.receive() == reply(peer, 3, b"third")
    running.leave(broker)


# Without a heartbeat in between, the CANCEL may be read together with the request; with two, the request is queued.
@pytest.mark.parametrize("heartbeats", [0, 2])
def test_a_cancelled_request_that_waits_for_a_thread_is_answered_at_once(
    broker: FakeBroker, start: Start, heartbeats: int
) -> None:
    begun, go_on, free, bodies = threading.Event(), threading.Event(), threading.Event(), list[bytes]()

    def handler(request: Request) -> bytes:
        bodies.append(request.body)
        begun.set()
        go_on.wait(DEADLINE_S)
        free.set()
        return request.body

    running = start(worker_of(broker, handler, credit=1))
    peer = broker.welcome()
    broker.request(peer, 1, b"first")
    assert begun.wait(DEADLINE_S)
    forget(broker, peer)  # gives the credit back, but not the thread
    broker.request(peer, 2, b"waits")
    broker.send(peer, PING)
    assert broker.receive().command == HEARTBEAT  # so it has read the request
    before = broker.heartbeats
    while broker.heartbeats < before + heartbeats:
        assert broker.receive_any() is None

    broker.send(peer, header(CANCEL, request_id=2))

    assert broker.receive() == cancelled(peer, 2)
    assert not free.is_set()
    go_on.set()
    broker.request(peer, 3, b"next")
    assert broker.receive() == reply(peer, 3, b"next")
    assert bodies == [b"first", b"next"]
    running.leave(broker)


def test_a_request_that_is_cancelled_as_it_comes_is_answered_once(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo))
    peer = broker.welcome()

    for request_id in range(1, 101):
        broker.request(peer, request_id, b"x")
        broker.send(peer, header(CANCEL, request_id=request_id))
        # The answer may cross the CANCEL, which then says nothing to the worker.
        assert broker.receive() in (cancelled(peer, request_id), reply(peer, request_id, b"x"))
    running.leave(broker)


def test_a_cancelled_handler_that_fails_is_cancelled_too(broker: FakeBroker, start: Start) -> None:
    begun = threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        request.wait_cancelled(DEADLINE_S)
        raise Failure(ErrorCode.BAD_REQUEST, "given up")

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"")
    assert begun.wait(DEADLINE_S)

    broker.send(peer, header(CANCEL, request_id=1))

    assert broker.receive() == cancelled(peer, 1)
    running.leave(broker)


def test_a_cancelled_coroutine_is_cancelled_where_it_waits(broker: FakeBroker, start: Start) -> None:
    begun, told = threading.Event(), threading.Event()

    async def handler(request: Request) -> bytes:
        if request.body == b"long":
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told.set()
                return b"too late"  # a handler that will not be stopped is not heard either
        return request.body

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"long")
    assert begun.wait(DEADLINE_S)

    broker.send(peer, header(CANCEL, request_id=1))

    assert told.wait(DEADLINE_S)
    assert broker.receive() == cancelled(peer, 1)
    broker.request(peer, 2, b"next")
    assert broker.receive() == reply(peer, 2, b"next")
    running.leave(broker)


def test_a_cancelled_coroutine_may_clean_up_before_it_is_answered(broker: FakeBroker, start: Start) -> None:
    begun, cleaning, go_on, cleaned = threading.Event(), threading.Event(), asyncio.Event(), threading.Event()

    async def handler(request: Request) -> bytes:
        if request.body == b"go on":
            go_on.set()
            return b""
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            cleaning.set()
            await go_on.wait()
            cleaned.set()
        return b""

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"long")
    assert begun.wait(DEADLINE_S)
    broker.send(peer, header(CANCEL, request_id=1))
    assert cleaning.wait(DEADLINE_S)

    broker.send(peer, header(CANCEL, request_id=1))  # which must not stop the clean-up
    broker.request(peer, 2, b"go on")

    assert sorted([broker.receive(), broker.receive()], key=lambda a: a.id) == [cancelled(peer, 1), reply(peer, 2, b"")]
    assert cleaned.is_set()
    running.leave(broker)


def test_a_cancelled_stream_is_closed_where_it_yields(broker: FakeBroker, start: Start) -> None:
    closed = threading.Event()

    def handler(request: Request) -> Iterator[bytes]:
        try:
            while True:
                yield request.body
        finally:
            closed.set()

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"x")
    assert broker.receive() == reply(peer, 1, b"x", flags=PARTIAL)

    broker.send(peer, header(CANCEL, request_id=1))

    assert closed.wait(DEADLINE_S)
    while (message := broker.receive()).command == REPLY:  # on the way before the CANCEL
        assert message == reply(peer, 1, b"x", flags=PARTIAL)
    assert message == cancelled(peer, 1)
    running.leave(broker)


def test_works_on_as_many_requests_as_its_credit_and_refuses_more(broker: FakeBroker, start: Start) -> None:
    both = threading.Barrier(3)

    def handler(request: Request) -> bytes:
        both.wait(DEADLINE_S)
        both.wait(DEADLINE_S)
        return request.body

    running = start(worker_of(broker, handler, credit=2))
    peer = broker.welcome()
    broker.request(peer, 1, b"a")
    broker.request(peer, 2, b"b")
    both.wait(DEADLINE_S)

    broker.request(peer, 3, b"c")
    cause = "the worker has 2 requests in flight (credit: 2)"
    assert broker.receive() == failure(peer, 3, ErrorCode.OVERLOADED, cause)

    both.wait(DEADLINE_S)
    answers = [broker.receive(), broker.receive()]
    assert sorted(answers, key=lambda a: a.id) == [reply(peer, 1, b"a"), reply(peer, 2, b"b")]
    running.leave(broker)


def test_a_coroutine_ends_at_the_deadline_of_its_request(broker: FakeBroker, start: Start) -> None:
    async def handler(request: Request) -> bytes:
        await asyncio.Event().wait()
        return b""

    running = start(worker_of(broker, handler))
    peer = broker.welcome()

    broker.request(peer, 1, b"", time_ms=20)

    cause = "the handler had no reply before the deadline"
    assert broker.receive() == failure(peer, 1, ErrorCode.DEADLINE_EXCEEDED, cause)
    running.leave(broker)


def test_a_request_that_waited_past_its_deadline_is_not_begun(broker: FakeBroker, start: Start) -> None:
    begun, go_on, bodies = threading.Event(), threading.Event(), list[bytes]()

    def handler(request: Request) -> bytes:
        bodies.append(request.body)
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return request.body

    running = start(worker_of(broker, handler, credit=1))
    peer = broker.welcome()
    broker.request(peer, 1, b"first")
    assert begun.wait(DEADLINE_S)
    forget(broker, peer)  # gives the credit back, but not the thread
    broker.request(peer, 2, b"second", time_ms=1)
    broker.request(peer, 3, b"third")
    # The answer to the third says that the second was read; its millisecond is over by the next heartbeat.
    assert broker.receive().id == 3
    beats = broker.heartbeats
    while broker.heartbeats == beats:
        assert broker.receive_any() is None

    go_on.set()

    cause = "the request waited in the worker until its deadline"
    assert broker.receive() == failure(peer, 2, ErrorCode.DEADLINE_EXCEEDED, cause)
    assert bodies == [b"first"]
    running.leave(broker)


def test_drains_by_finishing_what_it_has(broker: FakeBroker, start: Start) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return request.body

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"a")
    assert begun.wait(DEADLINE_S)

    running.worker.stop()
    drain = broker.receive()
    assert drain == Received(peer, DRAIN, 0, 0, 0, 0, 1, [])
    # A request that was on its way when the broker read the DRAIN is served as well.
    broker.request(peer, 2, b"b")
    broker.send(peer, header(DRAIN, count=2))
    go_on.set()

    answers = [broker.receive(), broker.receive()]
    assert sorted(answers, key=lambda a: a.id) == [reply(peer, 1, b"a"), reply(peer, 2, b"b")]
    assert broker.receive() == Received(peer, DISCONNECT, 0, 0, 0, 0, 0, [])
    running.join()
    assert running.error is None


def test_does_not_leave_before_the_broker_has_answered_its_drain(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo))
    peer = broker.welcome()
    assert running.ready.wait(DEADLINE_S)
    running.worker.stop()
    assert broker.receive().command == DRAIN

    broker.request(peer, 1, b"crossed")
    assert broker.receive() == reply(peer, 1, b"crossed")
    broker.send(peer, header(DRAIN))
    assert broker.receive().command == DISCONNECT


def test_a_handler_whose_answer_nobody_wants_may_still_finish(broker: FakeBroker, start: Start) -> None:
    begun, go_on, finished = threading.Event(), threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        for _ in range(5_000_000):  # takes a while, as writing a file does, and lets other threads run meanwhile
            pass
        finished.set()
        return b""

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"")
    assert begun.wait(DEADLINE_S)
    forget(broker, peer)
    broker.request(peer, 2, b"", service=b"none")
    assert broker.receive().id == 2  # so it has read the WELCOME

    running.worker.stop()
    assert broker.receive() == Received(peer, DRAIN, 0, 0, 0, 0, 0, [])
    broker.send(peer, header(DRAIN))
    assert broker.receive().command == DISCONNECT
    go_on.set()

    running.join()
    assert finished.is_set()


def test_a_cancelled_request_is_answered_before_a_drain_ends(broker: FakeBroker, start: Start) -> None:
    begun = threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        request.wait_cancelled(DEADLINE_S)
        return b""

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"")
    assert begun.wait(DEADLINE_S)
    running.worker.stop()
    assert broker.receive() == Received(peer, DRAIN, 0, 0, 0, 0, 1, [])
    broker.send(peer, header(DRAIN, count=1))

    broker.send(peer, header(CANCEL, request_id=1))

    assert broker.receive() == cancelled(peer, 1)
    assert broker.receive().command == DISCONNECT


def test_a_stream_waits_for_a_broker_that_does_not_read(
    broker: FakeBroker, start: Start, monkeypatch: pytest.MonkeyPatch
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
    running = start(worker_of(broker, handler, heartbeat_interval_s=60))
    peer = broker.welcome()
    broker.request(peer, 1, b"")
    assert waiting.wait(DEADLINE_S)

    for number in range(partials):
        assert broker.receive() == reply(peer, 1, b"%d" % number + padding, flags=PARTIAL)
    assert broker.receive() == reply(peer, 1, b"")
    running.leave(broker)
    assert max(lengths) == 1


def test_leaves_when_its_drain_timeout_is_over(broker: FakeBroker, start: Start) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return b""

    running = start(worker_of(broker, handler, drain_timeout_s=0.05))
    peer = broker.welcome()
    broker.request(peer, 1, b"")
    assert begun.wait(DEADLINE_S)

    running.worker.stop()

    assert broker.receive().command == DRAIN
    assert broker.receive().command == DISCONNECT
    running.join()
    go_on.set()
    assert isinstance(running.error, DrainTimeout)
    assert str(running.error) == "1 requests had not ended after 0.05 s"


def test_says_ready_again_when_the_broker_has_forgotten_it(broker: FakeBroker, start: Start) -> None:
    begun, told = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        if request.body == b"long":
            begun.set()
            if request.wait_cancelled(DEADLINE_S):
                told.set()
        return request.body

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"long")
    assert begun.wait(DEADLINE_S)

    forget(broker, peer)

    assert told.wait(DEADLINE_S)
    # The same id means another request now; the old one's answer must not be taken for its.
    broker.request(peer, 1, b"new")
    assert broker.receive() == reply(peer, 1, b"new")
    running.leave(broker)


def test_a_late_answer_is_not_taken_for_that_of_a_new_request_with_its_id(broker: FakeBroker, start: Start) -> None:
    begun, asked_again, returned = threading.Event(), asyncio.Event(), asyncio.Event()

    async def handler(request: Request) -> bytes:
        if request.body == b"old":
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asked_again.wait()  # will not be stopped
            returned.set()
            return b"late"
        asked_again.set()
        await returned.wait()
        return b"new"

    running = start(worker_of(broker, handler))
    peer = broker.welcome()
    broker.request(peer, 1, b"old")
    assert begun.wait(DEADLINE_S)
    forget(broker, peer)

    broker.request(peer, 1, b"new")

    assert broker.receive() == reply(peer, 1, b"new")
    running.leave(broker)


def test_joins_a_broker_that_was_started_again(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo))
    broker.welcome()
    assert running.ready.wait(DEADLINE_S)
    broker.close()

    with FakeBroker(broker.endpoint) as again:
        peer = again.welcome()
        again.request(peer, 1, b"x")
        assert again.receive() == reply(peer, 1, b"x")
        running.leave(again)


def test_waits_for_a_broker_that_starts_later(start: Start) -> None:
    with FakeBroker() as early:
        endpoint = early.endpoint
        worker = worker_of(early, echo, heartbeat_liveness=10)
    running = start(worker)

    with FakeBroker(endpoint) as broker:
        broker.welcome()
        assert running.ready.wait(DEADLINE_S)
        running.leave(broker)


def test_makes_a_new_connection_when_it_hears_nothing(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo, heartbeat_interval_s=0.02, heartbeat_liveness=50))
    old = broker.welcome()
    broker.answers_heartbeats = False

    ready = broker.receive()

    assert ready.command == READY
    assert ready.peer != old
    assert broker.heartbeats >= 2
    broker.answers_heartbeats = True
    broker.send(ready.peer, header(WELCOME, count=1))
    broker.request(ready.peer, 1, b"x")
    assert broker.receive() == reply(ready.peer, 1, b"x")
    running.leave(broker)


def test_comes_back_after_a_disconnect(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo))
    old = broker.welcome()

    broker.send(old, header(DRAIN))
    broker.send(old, header(DISCONNECT, code=11))

    peer = broker.welcome()
    assert peer != old
    broker.request(peer, 1, b"x")
    assert broker.receive() == reply(peer, 1, b"x")
    running.leave(broker)


def spin(go_on: threading.Event) -> None:
    while not go_on.is_set():
        pass


def wait(go_on: threading.Event) -> None:
    assert go_on.wait(DEADLINE_S)


@pytest.mark.parametrize("work", [spin, wait])
def test_heartbeats_go_on_while_its_only_thread_is_busy(
    broker: FakeBroker, start: Start, work: Callable[[threading.Event], None]
) -> None:
    go_on = threading.Event()

    def handler(request: Request) -> bytes:
        work(go_on)
        return b"done"

    running = start(worker_of(broker, handler, credit=1, heartbeat_interval_s=0.02))
    peer = broker.welcome()
    broker.request(peer, 1, b"")

    before = broker.heartbeats
    while broker.heartbeats < before + 5:
        assert broker.receive_any() is None

    go_on.set()
    assert broker.receive() == reply(peer, 1, b"done")
    running.leave(broker)


def test_answers_heartbeats(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo, heartbeat_interval_s=60))
    peer = broker.welcome()

    broker.send(peer, PING)

    assert broker.receive() == Received(peer, HEARTBEAT, 0, 0, 0, 0, 0, [])
    running.leave(broker)


def test_keeps_the_interval_that_the_broker_expects_when_that_is_shorter(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo, heartbeat_interval_s=3600))
    broker.welcome(interval_ms=20)

    while broker.heartbeats < 3:
        assert broker.receive_any() is None
    running.leave(broker)


def test_a_refused_worker_ends_with_the_reason(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo))
    ready = broker.receive()

    broker.send(ready.peer, header(FAILURE, code=15), b"", b"hint:choose another\n", b"service: test is taken")

    running.join()
    assert isinstance(running.error, RegistrationRefused)
    assert (running.error.code, running.error.hint) == (15, "choose another")
    assert str(running.error) == "BAD_SERVICE_NAME: service: test is taken (choose another)"


def test_a_worker_that_is_refused_for_now_tries_again(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo))
    ready = broker.receive()

    broker.send(ready.peer, header(FAILURE, code=19, time_ms=1), b"", b"", b"too many peers")

    broker.welcome()
    assert running.ready.wait(DEADLINE_S)
    running.leave(broker)


@pytest.mark.parametrize(
    ("frames", "code", "request_id"),
    [
        ([b"junk"], ErrorCode.BAD_MESSAGE, 0),
        ([header(99, request_id=4)], ErrorCode.UNKNOWN_COMMAND, 4),
        ([header(REQUEST, request_id=4), b"test", b"no colon\n", b""], ErrorCode.BAD_MESSAGE, 4),
        ([header(REQUEST, request_id=4), b"a b", b"", b""], ErrorCode.BAD_SERVICE_NAME, 4),
        ([b"JF2R" + header(REQUEST)[4:]], ErrorCode.UNSUPPORTED_VERSION, 0),
        ([header(REQUEST, request_id=4), b"other", b"", b""], ErrorCode.NO_SUCH_SERVICE, 4),
    ],
)
def test_answers_what_it_cannot_take_and_goes_on(
    broker: FakeBroker, start: Start, frames: list[bytes], code: ErrorCode, request_id: int
) -> None:
    running = start(worker_of(broker, echo))
    peer = broker.welcome()

    broker.send(peer, *frames)

    answer = broker.receive()
    assert (answer.command, answer.code, answer.id) == (FAILURE, code, request_id)
    assert len(answer.rest) == 3
    broker.request(peer, 1, b"x")
    assert broker.receive() == reply(peer, 1, b"x")
    running.leave(broker)


def test_a_broken_failure_is_not_answered(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo))
    peer = broker.welcome()

    broker.send(peer, header(FAILURE, code=1), b"", b"", b"\xff")
    broker.send(peer, header(REPLY, request_id=1), b"", b"", b"not for workers")
    broker.send(peer, PONG)

    broker.request(peer, 1, b"x")
    assert broker.receive() == reply(peer, 1, b"x")
    running.leave(broker)


def test_a_reply_that_the_broker_would_not_take_fails_its_request(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, lambda _: bytes(101)))
    peer = broker.welcome(headers=b"body-bytes-max:100\n")

    broker.request(peer, 1, b"")

    assert broker.receive() == failure(peer, 1, ErrorCode.TOO_LARGE, "reply: 101 bytes (expected: at most 100)")
    running.leave(broker)


def test_a_worker_stopped_before_it_joined_just_ends(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo))
    assert broker.receive().command == READY

    running.worker.stop()

    running.join()
    assert running.error is None


def test_a_worker_stopped_before_it_began_does_not_begin(broker: FakeBroker, start: Start) -> None:
    worker = worker_of(broker, echo)
    worker.stop()

    running = start(worker)

    running.join()
    assert running.error is None


def test_is_a_context_manager_too(broker: FakeBroker) -> None:
    # Broker and worker take turns on this one thread here, so the broker's part has one of its own.
    spoken: list[Received] = []

    def speak() -> None:
        peer = broker.welcome()
        broker.request(peer, 1, b"x")
        spoken.append(broker.receive())
        spoken.append(broker.receive())
        broker.send(peer, header(DRAIN))
        spoken.append(broker.receive())

    async def main() -> None:
        served = asyncio.Event()

        async def handler(request: Request) -> bytes:
            served.set()
            return request.body

        async with worker_of(broker, handler):
            await asyncio.wait_for(served.wait(), DEADLINE_S)

    speaker = threading.Thread(target=speak)
    speaker.start()
    asyncio.run(asyncio.wait_for(main(), DEADLINE_S))
    speaker.join(DEADLINE_S)
    assert [message.command for message in spoken] == [REPLY, DRAIN, DISCONNECT]


@pytest.mark.parametrize(
    "options",
    [
        {"credit": 0},
        {"credit": 65536},
        {"heartbeat_interval_s": 0},
        {"heartbeat_liveness": 1},
        {"drain_timeout_s": -1},
    ],
)
def test_refuses_options_out_of_range(broker: FakeBroker, options: dict[str, float]) -> None:
    name, value = next(iter(options.items()))
    with pytest.raises(ValueError, match=f"^{name}: {re.escape(str(value))} \\(expected: "):
        worker_of(broker, echo, **options)


def test_refuses_what_cannot_be_registered(broker: FakeBroker) -> None:
    worker = worker_of(broker, echo)

    with pytest.raises(ProtocolError, match=r"jf\. and mmi\. belong to the broker"):
        worker.add("jf.test", echo)
    with pytest.raises(ValueError, match="it has a handler already"):
        worker.add("test", echo)
    with pytest.raises(ProtocolError, match="timeout-ms"):
        worker.add("slow", echo, timeout=0)
    for number in range(63):
        worker.add(f"s{number}", echo)
    with pytest.raises(ValueError, match="more than 64"):
        worker.add("one-more", echo)
    with pytest.raises(ProtocolError, match="label"):
        Worker(broker.endpoint, labels={"a": "x\n"})


def test_refuses_an_endpoint_that_is_none_and_a_worker_without_services() -> None:
    worker = Worker("nonsense")
    with pytest.raises(ValueError, match="no services"):
        asyncio.run(worker.serve())
    worker = Worker("nonsense")
    worker.add("test", echo)
    with pytest.raises(ValueError, match="endpoint: 'nonsense'"):
        asyncio.run(worker.serve())


def test_runs_once(broker: FakeBroker, start: Start) -> None:
    running = start(worker_of(broker, echo))
    broker.welcome()
    assert running.ready.wait(DEADLINE_S)

    with pytest.raises(Closed, match="runs once"):
        asyncio.run(running.worker.serve())
    with pytest.raises(Closed, match="before the worker starts"):
        running.worker.add("late", echo)
    running.leave(broker)
