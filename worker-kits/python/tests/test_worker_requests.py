from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable

import pytest

from fakebroker import (
    DEADLINE_S,
    EARLY_EXIT,
    FAILURE,
    IDEMPOTENT,
    READY,
    REPLY,
    REQUEST,
    WELCOME,
    FakeBroker,
    Received,
    header,
)
from jackfield import (
    ErrorCode,
    Failure,
    Reply,
    Request,
    Worker,
)
from jackfield._handlers import Handler, HandlerFunction
from jackfield._protocol import Command, Message, ServiceDeclaration
from workers import Serve, Start, echo, failure, forget, reply, worker_of


class HardTimeout(BaseException):
    """Of no Exception's kin, as gevent.Timeout is."""


async def hard_async(request: Request) -> bytes:
    raise HardTimeout("too late")


def hard(request: Request) -> bytes:
    raise HardTimeout("too late")


@pytest.mark.parametrize("handler", [hard, hard_async])
def test_a_handler_that_raises_whatever_it_likes_fails_its_request_and_gives_its_credit_back(
    broker: FakeBroker, serve: Serve, handler: Callable[[Request], object]
) -> None:
    running, peer = serve(handler, credit=1)
    for request_id in (1, 2):
        broker.request(peer, request_id, b"")
        expected = failure(peer, request_id, ErrorCode.HANDLER_FAILED, "HardTimeout: too late")
        assert broker.receive() == expected
    running.leave(broker)


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


def test_answers_a_request(broker: FakeBroker, serve: Serve) -> None:
    running, peer = serve(lambda request: request.body.upper())

    broker.request(peer, 2**64 - 1, b"hello")

    assert broker.receive() == reply(peer, 2**64 - 1, b"HELLO")
    running.leave(broker)


def test_an_async_handler_answers_a_request(broker: FakeBroker, serve: Serve) -> None:
    async def handler(request: Request) -> str:
        await asyncio.sleep(0)
        return request.text + "é"

    running, peer = serve(handler)

    broker.request(peer, 1, b"caf")

    assert broker.receive() == reply(peer, 1, "café".encode())
    running.leave(broker)


def test_the_handler_sees_everything_that_came(broker: FakeBroker, serve: Serve) -> None:
    seen: list[Request] = []

    def handler(request: Request) -> Reply:
        seen.append(request)
        return Reply([b"", b"2"], headers={"x-more": "a:b"}, content_type="text/plain", early_exit=True)

    running, peer = serve(handler)
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


def test_a_failure_arrives_as_it_was_raised(broker: FakeBroker, serve: Serve) -> None:
    def handler(request: Request) -> bytes:
        raise Failure(ErrorCode.OVERLOADED, "the disk is full", hint="delete\nsomething", retry_after_ms=1500)

    running, peer = serve(handler)

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
    broker: FakeBroker, serve: Serve, handler: Callable[[Request], object], cause: str
) -> None:
    running, peer = serve(handler)

    for request_id in (1, 2):  # the second: the worker goes on
        broker.request(peer, request_id, b"")
        assert broker.receive() == failure(peer, request_id, ErrorCode.HANDLER_FAILED, cause)
    running.leave(broker)


def test_text_that_is_none_is_a_bad_request(broker: FakeBroker, serve: Serve) -> None:
    running, peer = serve(lambda request: request.text)

    broker.request(peer, 1, b"a\xff")

    cause = "body: not UTF-8 text (invalid start byte at byte 1)"
    assert broker.receive() == failure(peer, 1, ErrorCode.BAD_REQUEST, cause)
    running.leave(broker)


def test_works_on_as_many_requests_as_its_credit_and_refuses_more(broker: FakeBroker, serve: Serve) -> None:
    both = threading.Barrier(3)

    def handler(request: Request) -> bytes:
        both.wait(DEADLINE_S)
        both.wait(DEADLINE_S)
        return request.body

    running, peer = serve(handler, credit=2)
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


def test_a_coroutine_ends_at_the_deadline_of_its_request(broker: FakeBroker, serve: Serve) -> None:
    async def handler(request: Request) -> bytes:
        await asyncio.Event().wait()
        return b""

    running, peer = serve(handler)

    broker.request(peer, 1, b"", time_ms=100)

    cause = "the handler had no reply before the deadline"
    assert broker.receive() == failure(peer, 1, ErrorCode.DEADLINE_EXCEEDED, cause)
    running.leave(broker)


def test_a_request_that_waited_past_its_deadline_is_not_begun(broker: FakeBroker, serve: Serve) -> None:
    begun, go_on, bodies = threading.Event(), threading.Event(), list[bytes]()

    def handler(request: Request) -> bytes:
        bodies.append(request.body)
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return request.body

    running, peer = serve(handler, credit=1)
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


async def coroutine(request: Request) -> bytes:
    raise AssertionError("begun")


async def stream(request: Request) -> AsyncIterator[bytes]:
    assert not request.parts, "begun"
    yield b""


@pytest.mark.parametrize("function", [coroutine, stream])
def test_a_coroutine_whose_deadline_is_over_is_not_begun(function: HandlerFunction) -> None:
    async def emit(_: Reply) -> None:
        raise AssertionError("sent")

    late = Request(Message(Command.REQUEST, id=1, service="test", parts=(b"",)), time.monotonic())

    with pytest.raises(Failure, match="DEADLINE_EXCEEDED: the request waited in the worker until its deadline"):
        asyncio.run(Handler(ServiceDeclaration("test"), function).run(late, emit))


def test_a_cause_of_any_length_arrives_cut(broker: FakeBroker, serve: Serve) -> None:
    def handler(request: Request) -> bytes:
        raise Failure(ErrorCode.BAD_REQUEST, "a" + "\u00e4" * 5000)

    running, peer = serve(handler)
    broker.request(peer, 1, b"")

    # 4096 bytes, less the half of a letter that does not fit.
    assert broker.receive() == failure(peer, 1, ErrorCode.BAD_REQUEST, "a" + "\u00e4" * 2047)
    running.leave(broker)
