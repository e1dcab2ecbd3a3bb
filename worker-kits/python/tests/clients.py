"""What the tests of the client share: the broker's answers."""

from __future__ import annotations

from fakebroker import CANCEL, DEADLINE_S, FAILURE, REPLY, FakeBroker, Received, header
from jackfield import Client


def answer(broker: FakeBroker, request: Received, body: bytes, flags: int = 0, headers: bytes = b"") -> None:
    broker.send(request.peer, header(REPLY, flags=flags, request_id=request.id), b"", headers, body)


def fail(
    broker: FakeBroker, request: Received, code: int, cause: bytes, *, hint: bytes = b"", wait_ms: int = 0
) -> None:
    headers = b"hint:" + hint + b"\n" if hint else b""
    first = header(FAILURE, code=code, request_id=request.id, time_ms=wait_ms)
    broker.send(request.peer, first, b"", headers, cause)


def assert_serves(broker: FakeBroker, client: Client) -> None:
    future = client.submit("echo", b"x")
    answer(broker, broker.receive(), b"y")
    assert future.result(DEADLINE_S).body == b"y"


def cancel_of(request: Received) -> Received:
    return Received(request.peer, CANCEL, 0, 0, request.id, 0, 0, [])
