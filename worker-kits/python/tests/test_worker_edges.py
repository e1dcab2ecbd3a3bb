from __future__ import annotations

import asyncio
import re

import pytest

from fakebroker import (
    DEADLINE_S,
    FAILURE,
    PONG,
    REPLY,
    REQUEST,
    FakeBroker,
    header,
)
from jackfield import (
    Closed,
    ErrorCode,
    ProtocolError,
    Worker,
)
from workers import Serve, Start, echo, failure, reply, worker_of


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
    broker: FakeBroker, serve: Serve, frames: list[bytes], code: ErrorCode, request_id: int
) -> None:
    running, peer = serve(echo)

    broker.send(peer, *frames)

    answer = broker.receive()
    assert (answer.command, answer.code, answer.id) == (FAILURE, code, request_id)
    assert len(answer.rest) == 3
    broker.request(peer, 1, b"x")
    assert broker.receive() == reply(peer, 1, b"x")
    running.leave(broker)


def test_a_broken_failure_is_not_answered(broker: FakeBroker, serve: Serve) -> None:
    running, peer = serve(echo)

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
