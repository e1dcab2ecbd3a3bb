"""The agent does what it is told: a worker and a client, each a process, with the test as the broker."""

from __future__ import annotations

import subprocess
import zlib

from clients import answer, fail
from fakebroker import (
    CANCEL,
    DEADLINE_S,
    DISCONNECT,
    DRAIN,
    EARLY_EXIT,
    FAILURE,
    IDEMPOTENT,
    PARTIAL,
    REPLY,
    REQUEST,
    FakeBroker,
    Received,
    header,
)
from processes import KIT, Launch, first_line

AGENT = str(KIT / "samples" / "conformance_agent.py")


def tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def digest(body: bytes) -> str:
    return f"{len(body)}:{zlib.crc32(body):08x}"


def do(broker: FakeBroker, peer: bytes, request_id: int, what: str, body: bytes = b"x") -> None:
    first = header(REQUEST, request_id=request_id, count=1, time_ms=60_000)
    headers = f"idempotency-key:k\nx-do:{what}\n".encode()
    broker.send(peer, first, b"conformance", headers, body)


def done(broker: FakeBroker, peer: bytes, what: str) -> Received:
    do(broker, peer, 1, what)
    return broker.receive()


def test_a_worker_does_what_requests_say(broker: FakeBroker, launch: Launch) -> None:
    process = launch(AGENT, "worker", "--connect", broker.endpoint, "--credit", "2")
    peer = broker.welcome()
    assert first_line(process) == "ready\n"

    assert done(broker, peer, "echo").rest[2] == b"x"
    assert done(broker, peer, "size 100000").rest[2] == bytes(100_000)
    assert done(broker, peer, "early-exit").flags == EARLY_EXIT
    failed = done(broker, peer, "fail 5")
    assert (failed.command, failed.code, failed.time_ms) == (FAILURE, 5, 7)
    assert done(broker, peer, "crash").code == 12
    attempt, left_ms, key = done(broker, peer, "tell").rest[2].split()
    assert (attempt, key) == (b"1", b"k")
    assert 0 < int(left_ms) <= 60_000
    partials = [done(broker, peer, "partials 2"), broker.receive(), broker.receive()]
    assert [(p.flags, p.rest[2]) for p in partials] == [(PARTIAL, b"0"), (PARTIAL, b"1"), (0, b"x")]

    do(broker, peer, 7, "hold", b"held")
    assert first_line(process) == "begun\n"
    tell(process, "status")
    assert first_line(process) == "status 1 1\n"
    tell(process, "release")
    held = broker.receive()
    assert (held.command, held.id, held.rest[2]) == (REPLY, 7, b"held")
    assert first_line(process) == "let-go\n"
    do(broker, peer, 8, "hold")
    assert first_line(process) == "begun\n"
    broker.send(peer, header(CANCEL, request_id=8))
    assert broker.receive().code == 10
    assert [first_line(process), first_line(process)] == ["cancelled\n", "let-go\n"]

    tell(process, "drain")
    assert broker.receive().command == DRAIN
    broker.send(peer, header(DRAIN))
    assert broker.receive().command == DISCONNECT
    assert process.wait(DEADLINE_S) == 0


def test_a_worker_dies_when_it_is_told_to(broker: FakeBroker, launch: Launch) -> None:
    process = launch(AGENT, "worker", "--connect", broker.endpoint)
    do(broker, broker.welcome(), 1, "die")
    assert process.wait(DEADLINE_S) == -9


def test_a_client_asks_what_it_is_told(broker: FakeBroker, launch: Launch) -> None:
    process = launch(AGENT, "client", "--connect", broker.endpoint)

    tell(process, "call a conformance 5000 ik 3 size 7")
    request = broker.receive()
    assert (request.flags, request.time_ms) == (IDEMPOTENT, 5000)
    assert request.rest == [b"conformance", b"x-do:size 7\nidempotency-key:key-a\n", bytes(3)]
    answer(broker, request, bytes(7), EARLY_EXIT)
    assert first_line(process) == f"reply a {digest(bytes(7))} 1\n"

    tell(process, "stream b conformance 5000 - 0 partials 1")
    request = broker.receive()
    answer(broker, request, b"0", PARTIAL)
    answer(broker, request, b"end")
    assert first_line(process) == f"partial b {digest(b'0')}\n"
    assert first_line(process) == f"reply b {digest(b'end')} 0\n"

    tell(process, "call c conformance 5000 - 0 fail 7")
    fail(broker, broker.receive(), 7, b"full")
    assert first_line(process) == "failed c 7\n"

    tell(process, "call d conformance 5000 - 0 hold")
    request = broker.receive()
    tell(process, "cancel d")
    cancel = broker.receive()
    assert (cancel.command, cancel.id) == (CANCEL, request.id)
    assert first_line(process) == "cancelled d\n"
    tell(process, "close")
    assert process.wait(DEADLINE_S) == 0
