from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from fakebroker import (
    BEAT_S,
    DEADLINE_S,
    DISCONNECT,
    DRAIN,
    FAILURE,
    HEARTBEAT,
    PARTIAL,
    PING,
    FakeBroker,
    HandClock,
    Received,
    header,
)
from jackfield import (
    RegistrationRefused,
    Request,
)
from workers import Serve, Start, echo, forget, reply, worker_of


def test_says_ready_again_when_the_broker_has_forgotten_it(broker: FakeBroker, serve: Serve) -> None:
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

    forget(broker, peer)

    assert told.wait(DEADLINE_S)
    # The same id means another request now; the old one's answer must not be taken for its.
    broker.request(peer, 1, b"new")
    assert broker.receive() == reply(peer, 1, b"new")
    running.leave(broker)


def test_a_late_answer_is_not_taken_for_that_of_a_new_request_with_its_id(broker: FakeBroker, serve: Serve) -> None:
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

    running, peer = serve(handler)
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


def test_makes_a_new_connection_when_it_hears_nothing(broker: FakeBroker, serve: Serve, clock: HandClock) -> None:
    running, old = serve(echo, heartbeat_interval_s=BEAT_S, heartbeat_liveness=3)
    broker.answers_heartbeats = False
    broker.receive_heartbeats(1, clock)

    clock.advance(3 * BEAT_S)

    peer = broker.welcome()
    assert peer != old
    broker.answers_heartbeats = True
    broker.request(peer, 1, b"x")
    assert broker.receive() == reply(peer, 1, b"x")
    running.leave(broker)


def test_asks_for_a_sign_of_life_while_it_only_sends(broker: FakeBroker, serve: Serve, clock: HandClock) -> None:
    def handler(request: Request) -> Iterator[bytes]:
        for _ in range(4):
            clock.advance(BEAT_S / 2)
            yield b"x"
        end_s = time.monotonic() + DEADLINE_S
        while broker.heartbeats == 0 and time.monotonic() < end_s:
            yield b"x"

    running, peer = serve(handler, heartbeat_interval_s=BEAT_S, heartbeat_liveness=50)
    broker.request(peer, 1, b"")

    while (message := broker.receive()).flags == PARTIAL:
        assert message == reply(peer, 1, b"x", flags=PARTIAL)
    assert message == reply(peer, 1, b"")
    assert broker.heartbeats
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
    broker: FakeBroker, serve: Serve, clock: HandClock, work: Callable[[threading.Event], None]
) -> None:
    go_on = threading.Event()

    def handler(request: Request) -> bytes:
        work(go_on)
        return b"done"

    running, peer = serve(handler, credit=1, heartbeat_interval_s=BEAT_S)
    broker.request(peer, 1, b"")

    broker.receive_heartbeats(5, clock)

    go_on.set()
    assert broker.receive() == reply(peer, 1, b"done")
    running.leave(broker)


def test_answers_heartbeats(broker: FakeBroker, serve: Serve) -> None:
    running, peer = serve(echo, heartbeat_interval_s=60)

    broker.send(peer, PING)

    assert broker.receive() == Received(peer, HEARTBEAT, 0, 0, 0, 0, 0, [])
    running.leave(broker)


def test_keeps_the_interval_that_the_broker_expects_when_that_is_shorter(
    broker: FakeBroker, start: Start, clock: HandClock
) -> None:
    running = start(worker_of(broker, echo, heartbeat_interval_s=3600))
    broker.welcome(interval_ms=125)

    broker.receive_heartbeats(3, clock, 0.125)

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
