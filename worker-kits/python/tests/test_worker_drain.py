from __future__ import annotations

import asyncio
import threading

import pytest

from fakebroker import (
    BEAT_S,
    CANCEL,
    DEADLINE_S,
    DISCONNECT,
    DRAIN,
    FAILURE,
    PONG,
    READY,
    REPLY,
    WELCOME,
    FakeBroker,
    HandClock,
    Received,
    RunningWorker,
    header,
)
from jackfield import (
    DrainTimeout,
    ErrorCode,
    Request,
    _session,
)
from workers import Serve, Start, cancelled, echo, forget, reply, worker_of


def test_drains_by_finishing_what_it_has(broker: FakeBroker, serve: Serve) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return request.body

    running, peer = serve(handler)
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


def test_does_not_take_the_drain_of_the_broker_for_the_answer_to_its_own(broker: FakeBroker, serve: Serve) -> None:
    running, peer = serve(echo, heartbeat_interval_s=60)
    assert running.ready.wait(DEADLINE_S)
    running.worker.stop()
    assert broker.receive().command == DRAIN
    broker.send(peer, header(DRAIN))  # its own

    broker.answers_heartbeats = False
    assert broker.receive_any() is None
    broker.request(peer, 1, b"late")  # assigned before the broker read the DRAIN
    broker.send(peer, header(DRAIN, count=1))
    assert broker.receive() == reply(peer, 1, b"late")
    broker.answers_heartbeats = True
    broker.send(peer, PONG)
    assert broker.receive().command == DISCONNECT


def stopped_with_its_last_reply_sent(broker: FakeBroker, serve: Serve, **options: float) -> tuple[RunningWorker, bytes]:
    """Stop a worker, and read its last reply without answering the heartbeat behind it."""
    begun, go_on = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return request.body

    running, peer = serve(handler, **options)
    broker.request(peer, 1, b"last")
    assert begun.wait(DEADLINE_S)
    running.worker.stop()
    assert broker.receive() == Received(peer, DRAIN, 0, 0, 0, 0, 1, [])
    assert broker.receive_any() is None  # the heartbeat behind the DRAIN, which is answered
    broker.answers_heartbeats = False
    go_on.set()
    assert broker.receive() == reply(peer, 1, b"last")
    return running, peer


def test_stays_until_the_broker_has_read_its_last_reply(broker: FakeBroker, serve: Serve, clock: HandClock) -> None:
    running, peer = stopped_with_its_last_reply_sent(broker, serve, heartbeat_interval_s=BEAT_S, heartbeat_liveness=2)

    assert broker.receive_any() is None
    clock.advance(100 * BEAT_S)  # a long reply on a slow way: the silence meanwhile says nothing
    assert broker.receive_any() is None
    broker.send(peer, PONG)
    broker.send(peer, PONG)

    assert broker.receive().command == DISCONNECT
    running.join()
    assert running.error is None


def test_says_so_when_its_last_reply_may_not_have_arrived(broker: FakeBroker, serve: Serve) -> None:
    running, _ = stopped_with_its_last_reply_sent(broker, serve)
    loop, (session,) = running.worker._loop, running.worker._sessions
    assert loop is not None

    loop.call_soon_threadsafe(session._on_drain_timeout)

    running.join()
    assert isinstance(running.error, DrainTimeout)
    assert str(running.error) == "the broker had not said after 10 s that it has read the last 1 answers"


def test_a_long_last_reply_arrives(broker: FakeBroker, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_session, "_GOODBYE_MS", 0)  # what libzmq has not sent when the worker closes is lost
    body, begun, go_on = bytes(16 << 20), threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return body

    running, peer = serve(handler, heartbeat_interval_s=60)
    broker.request(peer, 1, b"")
    assert begun.wait(DEADLINE_S)
    running.worker.stop()
    assert broker.receive().command == DRAIN
    assert broker.receive_any() is None
    go_on.set()

    message = broker.receive()

    assert (message.command, len(message.rest[2])) == (REPLY, len(body))
    assert broker.receive_any() is None
    running.join()
    assert running.error is None


def test_a_handler_whose_answer_nobody_wants_may_still_finish(broker: FakeBroker, serve: Serve) -> None:
    begun, go_on, finished = threading.Event(), threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        for _ in range(5_000_000):  # takes a while, as writing a file does, and lets other threads run meanwhile
            pass
        finished.set()
        return b""

    running, peer = serve(handler)
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


def test_a_cancelled_request_is_answered_before_a_drain_ends(broker: FakeBroker, serve: Serve) -> None:
    begun = threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        request.wait_cancelled(DEADLINE_S)
        return b""

    running, peer = serve(handler)
    broker.request(peer, 1, b"")
    assert begun.wait(DEADLINE_S)
    running.worker.stop()
    assert broker.receive() == Received(peer, DRAIN, 0, 0, 0, 0, 1, [])
    broker.send(peer, header(DRAIN, count=1))

    broker.send(peer, header(CANCEL, request_id=1))

    assert broker.receive() == cancelled(peer, 1)
    assert broker.receive().command == DISCONNECT


def test_leaves_when_its_drain_timeout_is_over(broker: FakeBroker, serve: Serve) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def handler(request: Request) -> bytes:
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return b""

    running, peer = serve(handler, drain_timeout_s=0.05)
    broker.request(peer, 1, b"")
    assert begun.wait(DEADLINE_S)

    running.worker.stop()

    assert broker.receive().command == DRAIN
    assert broker.receive().command == DISCONNECT
    running.join()
    go_on.set()
    assert isinstance(running.error, DrainTimeout)
    assert str(running.error) == "1 requests had not ended after 0.05 s"


def joining(broker: FakeBroker, start: Start, **options: float) -> tuple[RunningWorker, bytes]:
    """Start a worker, and stop it when it has said READY and has no answer."""
    running = start(worker_of(broker, echo, **options))
    ready = broker.receive()
    assert ready.command == READY
    running.worker.stop()
    return running, ready.peer


def test_a_worker_stopped_while_it_joins_serves_what_is_behind_the_welcome(broker: FakeBroker, start: Start) -> None:
    running, peer = joining(broker, start)

    broker.send(peer, header(WELCOME, count=1), b"", b"")
    broker.request(peer, 1, b"behind")

    # In either order, and with the request counted or not.
    answer, drain = sorted([broker.receive(), broker.receive()], key=lambda message: message.command)
    assert answer == reply(peer, 1, b"behind")
    assert drain.command == DRAIN
    assert broker.receive().command == DISCONNECT
    running.join()
    assert running.error is None


def test_a_worker_stopped_while_it_joins_does_not_wait_for_ever(broker: FakeBroker, start: Start) -> None:
    running, _ = joining(broker, start, drain_timeout_s=0.05)

    running.join()
    assert running.error is None
    assert not running.ready.is_set()


def test_a_worker_stopped_while_it_joins_ends_when_it_is_refused(broker: FakeBroker, start: Start) -> None:
    running, peer = joining(broker, start)

    broker.send(peer, header(FAILURE, code=int(ErrorCode.DRAINING)), b"", b"", b"not now")

    running.join()
    assert running.error is None
    assert not running.ready.is_set()


def test_a_worker_stopped_where_no_broker_is_just_ends(start: Start) -> None:
    with FakeBroker() as gone:
        worker = worker_of(gone, echo)
    running = start(worker)

    worker.stop()

    running.join()
    assert running.error is None
    assert not running.ready.is_set()


def test_a_worker_stopped_before_it_began_does_not_begin(broker: FakeBroker, start: Start) -> None:
    worker = worker_of(broker, echo)
    worker.stop()

    running = start(worker)

    running.join()
    assert running.error is None
    assert not running.ready.is_set()


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
