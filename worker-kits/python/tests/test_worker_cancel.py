from __future__ import annotations

import asyncio
import threading

import pytest

from fakebroker import (
    CANCEL,
    DEADLINE_S,
    HEARTBEAT,
    PING,
    FakeBroker,
    header,
)
from jackfield import (
    ErrorCode,
    Failure,
    Request,
)
from workers import Serve, cancelled, echo, failure, forget, reply


def test_a_cancelled_request_is_told_to_its_thread_and_answered(broker: FakeBroker, serve: Serve) -> None:
    begun, told = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        if request.body == b"long":
            begun.set()
            if request.wait_cancelled(DEADLINE_S):
                told.set()
        return request.body

    running, peer = serve(handler)
    broker.request(peer, 1, b"long")
    assert begun.wait(DEADLINE_S)

    broker.send(peer, header(CANCEL, request_id=1))

    assert told.wait(DEADLINE_S)
    assert broker.receive() == cancelled(peer, 1)
    broker.request(peer, 2, b"next")
    assert broker.receive() == reply(peer, 2, b"next")
    running.leave(broker)


def test_a_cancelled_request_holds_its_credit_until_its_thread_is_free(broker: FakeBroker, serve: Serve) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return request.body

    running, peer = serve(handler, credit=1)
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
    broker: FakeBroker, serve: Serve, heartbeats: int
) -> None:
    begun, go_on, free, bodies = threading.Event(), threading.Event(), threading.Event(), list[bytes]()

    def handler(request: Request) -> bytes:
        bodies.append(request.body)
        begun.set()
        go_on.wait(DEADLINE_S)
        free.set()
        return request.body

    running, peer = serve(handler, credit=1)
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


def test_a_request_that_is_cancelled_as_it_comes_is_answered_once(broker: FakeBroker, serve: Serve) -> None:
    running, peer = serve(echo)

    for request_id in range(1, 101):
        broker.request(peer, request_id, b"x")
        broker.send(peer, header(CANCEL, request_id=request_id))
        # The answer may cross the CANCEL, which then says nothing to the worker.
        assert broker.receive() in (cancelled(peer, request_id), reply(peer, request_id, b"x"))
    running.leave(broker)


def test_a_cancelled_handler_that_fails_is_cancelled_too(broker: FakeBroker, serve: Serve) -> None:
    begun = threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        request.wait_cancelled(DEADLINE_S)
        raise Failure(ErrorCode.BAD_REQUEST, "given up")

    running, peer = serve(handler)
    broker.request(peer, 1, b"")
    assert begun.wait(DEADLINE_S)

    broker.send(peer, header(CANCEL, request_id=1))

    assert broker.receive() == cancelled(peer, 1)
    running.leave(broker)


def test_a_cancelled_coroutine_is_cancelled_where_it_waits(broker: FakeBroker, serve: Serve) -> None:
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

    running, peer = serve(handler)
    broker.request(peer, 1, b"long")
    assert begun.wait(DEADLINE_S)

    broker.send(peer, header(CANCEL, request_id=1))

    assert told.wait(DEADLINE_S)
    assert broker.receive() == cancelled(peer, 1)
    broker.request(peer, 2, b"next")
    assert broker.receive() == reply(peer, 2, b"next")
    running.leave(broker)


def test_a_cancelled_coroutine_may_clean_up_before_it_is_answered(broker: FakeBroker, serve: Serve) -> None:
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

    running, peer = serve(handler)
    broker.request(peer, 1, b"long")
    assert begun.wait(DEADLINE_S)
    broker.send(peer, header(CANCEL, request_id=1))
    assert cleaning.wait(DEADLINE_S)

    broker.send(peer, header(CANCEL, request_id=1))  # which must not stop the clean-up
    broker.request(peer, 2, b"go on")

    assert sorted([broker.receive(), broker.receive()], key=lambda a: a.id) == [cancelled(peer, 1), reply(peer, 2, b"")]
    assert cleaned.is_set()
    running.leave(broker)
