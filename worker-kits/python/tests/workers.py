"""What the tests of the worker share: workers to start, and the answers that are due."""

from __future__ import annotations

from collections.abc import Callable

from fakebroker import (
    FAILURE,
    REPLY,
    FakeBroker,
    Received,
    RunningWorker,
    header,
)
from jackfield import (
    ErrorCode,
    Request,
    Worker,
)

Start = Callable[[Worker], RunningWorker]
Serve = Callable[..., tuple[RunningWorker, bytes]]


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


def cancelled(peer: bytes, request_id: int) -> Received:
    return failure(peer, request_id, ErrorCode.CANCELLED, "the request was cancelled")


def forget(broker: FakeBroker, peer: bytes) -> None:
    """Have the worker join again on its connection: what it has in flight then has nobody to answer."""
    broker.send(peer, header(FAILURE, code=14), b"", b"", b"READY first")
    assert broker.welcome() == peer
